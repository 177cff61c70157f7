"""Links that another device opens to sign in, and where they lead to."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from typing import Literal

from falcon.asgi import Request

from pisovereign.accounts.codes import Code
from pisovereign.accounts.types import SignInCode

Reach = Literal["network", "this_device"]
SIGN_IN_PATH = "/sign-in"


class SignInLinks:
    """Makes links.

    Args:
        listens: The address that the program listens on.
        port: The port, for links of a device in the network.
        own_address: Returns the address of this device in the network; None: it has none.
        secure: Where other devices find the page with TLS; None: there is none.
    """

    def __init__(
        self,
        listens: str,
        port: int,
        own_address: Callable[[], str | None],
        secure: str | None = None,
    ) -> None:
        self._secure = secure
        self._everywhere = listens in ("0.0.0.0", "::")  # noqa: S104 - compared, not bound
        self._port = port
        self._own_address = own_address

    def link(self, req: Request, code: Code) -> SignInCode:
        """Return a code as a link to the name that the program was asked by.

        Other devices cannot use a name of this device for itself; where the program listens in the
        network, the link has its address there.
        """
        import segno  # noqa: PLC0415 - rarely needed

        base, reach = self._base(req)
        link = f"{base}{SIGN_IN_PATH}#{code.code}"
        return SignInCode(
            code=code.code,
            link=link,
            qr=segno.make(link, error="m", micro=False).svg_data_uri(scale=6, dark="#000"),
            reach=reach,
            expires_at=code.expires_at,
        )

    def _base(self, req: Request) -> tuple[str, Reach]:
        scheme = "https" if req.context.secure else "http"
        if not _is_own(req.host):
            return f"{scheme}://{req.netloc}", "network"
        if self._secure is not None:
            return self._secure, "network"
        address = self._own_address() if self._everywhere else None
        if address is None:
            return f"{scheme}://{req.netloc}", "this_device"
        return f"http://{address}:{self._port}", "network"


def _is_own(host: str) -> bool:
    name = host.strip("[]").lower()
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return name == "localhost" or name.endswith(".localhost")
