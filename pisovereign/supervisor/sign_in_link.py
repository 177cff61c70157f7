"""A link that signs the owner in once, for the terminal: no key is typed or copied."""

from __future__ import annotations

import http.client
import io
import urllib.request
from typing import Literal

import msgspec
import segno

PATH = "/v1/sign-in-codes"
_LIMIT_S = 10.0


class SignInLink(msgspec.Struct, frozen=True):
    """A code as the API tells it, with its link and from where that can be reached."""

    code: str
    link: str
    reach: Literal["network", "this_device"]


def fetch_link(url: str, key: str) -> SignInLink | None:
    """Return a new link of the program at `url`; None: it gives none."""
    headers = {"Authorization": f"Bearer {key}"}
    asked = urllib.request.Request(  # noqa: S310 - our own address
        f"{url}{PATH}", method="POST", headers=headers, data=b""
    )
    # This is our own address, so ignore any proxy that the environment names.
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with direct.open(asked, timeout=_LIMIT_S) as response:
            return msgspec.json.decode(response.read(), type=SignInLink)
    except (OSError, http.client.HTTPException, msgspec.MsgspecError):
        return None


def describe(link: SignInLink) -> str:
    """Return what is printed: the link and, where a phone can open it, a QR code."""
    lines = f"Sign in once, within five minutes:\n\n  {link.link}\n"
    if link.reach == "this_device":
        return f"{lines}\nFor phones in your network, start with --lan.\n"
    drawn = io.StringIO()
    segno.make(link.link, error="m", micro=False).terminal(drawn, compact=True)
    return f"{lines}\n{drawn.getvalue()}"
