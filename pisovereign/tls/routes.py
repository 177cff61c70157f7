"""The routes of TLS: how it stands, and the page on which a device comes to trust this one."""

from __future__ import annotations

import asyncio
import datetime as dt
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol

import msgspec
from falcon.asgi import Request, Response

from pisovereign.asgi.routes import Example, Routes, route
from pisovereign.config import Config
from pisovereign.errors import Forbidden, NotFound, StartError
from pisovereign.languages.detection import accepted_language
from pisovereign.net.host_header import read_authority
from pisovereign.tls.build import shown, source
from pisovereign.tls.names import local_addresses, sort_addresses
from pisovereign.tls.own_certificate import OwnCertificate

if TYPE_CHECKING:
    from cryptography import x509

TRUST_PAGE = "/trust#open"
"""Where the assistant's address leads without TLS; the page goes on from there where it may."""

_PATHS = {
    "page": "/trust",
    "style": "/trust/style.css",
    "script": "/trust/check.js",
    "code": "/trust/qr.svg",
    "der": "/trust/authority.crt",
    "pem": "/trust/authority.pem",
    "profile": "/trust/authority.mobileconfig",
}
TRUST_PATHS = frozenset(_PATHS.values())
"""All that belongs to the page; it may be read without TLS."""

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src {}; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_FOLDER = resources.files("pisovereign") / "tls" / "page"


class TlsState(msgspec.Struct, frozen=True, kw_only=True):
    """How TLS stands."""

    mode: Literal["off", "own-ca", "files"]
    port: int | None = None
    names: list[str] = []
    begins: dt.datetime | None = None
    ends: dt.datetime | None = None
    fingerprint: str | None = None
    trust_page: str | None = None


class Hosts(Protocol):
    """Knows by which names this machine may be asked for."""

    def includes(self, host: str, reached: str) -> bool:
        """Return whether a host is this machine."""
        ...


class TlsRoutes(Routes, tag="System"):
    """TLS over HTTP.

    Args:
        config: The checked configuration.
        data_dir: Where the device's own authority is.
        hosts: The names of this machine.
    """

    def __init__(self, config: Config, data_dir: Path, hosts: Hosts) -> None:
        self._config = config
        self._source = source(config, data_dir)
        self._hosts = hosts

    @route(
        "GET",
        "/v1/system/tls",
        operation_id="tls",
        summary="How connections are encrypted",
        example=Example(
            response={
                "mode": "off",
                "port": None,
                "names": [],
                "begins": None,
                "ends": None,
                "fingerprint": None,
                "trust_page": None,
            }
        ),
    )
    async def state(self, req: Request, resp: Response) -> TlsState:
        """Show the mode, the port, and what the present certificate is for and until when.

        With an authority of this device's own, `fingerprint` is the SHA-256 of its certificate, and
        `trust_page` the path of the page that explains how to trust it.
        """
        if self._source is None:
            return TlsState(mode="off")
        own = isinstance(self._source, OwnCertificate)
        of_authority = await self._fingerprint() if own else None
        try:
            present = await asyncio.to_thread(shown, self._source.certificate_file)
        except StartError:  # it is being replaced; the one in use stays
            present = None
        return TlsState(
            mode=self._config.tls.mode,
            port=self._config.tls.port,
            names=present.names if present else [],
            begins=present.begins if present else None,
            ends=present.ends if present else None,
            fingerprint=of_authority,
            trust_page=_PATHS["page"] if own else None,
        )

    @route("GET", _PATHS["page"], public=True, documented=False)
    async def page(self, req: Request, resp: Response) -> None:
        """Show how to trust this device."""
        certificate = await self._authority()
        found = read_authority(req.get_header("Host") or "")
        reached = (req.scope.get("server") or ("", 0))[0]
        if found is None or not self._hosts.includes(found.host, reached):
            raise Forbidden("The Host header does not name this server; see server.names")
        from pisovereign.tls.trust_page import render  # noqa: PLC0415

        secure = _address("https", found.host, self._config.tls.port)
        language = accepted_language(req.get_header("Accept-Language"))
        resp.content_type = "text/html; charset=utf-8"
        resp.set_header("Content-Security-Policy", _POLICY.format(secure))
        resp.set_header("Vary", "Accept-Language, Host")
        _as_it_is(resp, render(language, certificate, secure))

    @route("GET", _PATHS["style"], public=True, documented=False)
    async def style(self, req: Request, resp: Response) -> None:
        """Send the page's style."""
        await self._authority()
        resp.content_type = "text/css; charset=utf-8"
        _as_it_is(resp, (_FOLDER / "style.css").read_bytes())

    @route("GET", _PATHS["script"], public=True, documented=False)
    async def script(self, req: Request, resp: Response) -> None:
        """Send the page's script."""
        await self._authority()
        resp.content_type = "text/javascript; charset=utf-8"
        _as_it_is(resp, (_FOLDER / "check.js").read_bytes())

    @route("GET", _PATHS["code"], public=True, documented=False)
    async def code(self, req: Request, resp: Response) -> None:
        """Send a QR code that opens the page on a phone; by address, since not all find names."""
        await self._authority()
        from pisovereign.tls.trust_page import qr_code  # noqa: PLC0415

        addresses = sort_addresses(await asyncio.to_thread(local_addresses))
        reached = (req.scope.get("server") or ("", 0))[0]
        shown_at = next((str(a) for a in addresses), reached)
        address = _address("http", shown_at, self._config.server.port)
        resp.content_type = "image/svg+xml"
        _as_it_is(resp, qr_code(f"{address}{_PATHS['page']}"))

    @route("GET", _PATHS["der"], public=True, documented=False)
    async def der(self, req: Request, resp: Response) -> None:
        """Send the authority's certificate, in the form that devices install."""
        certificate = await self._authority()
        from pisovereign.tls.authority import der_of  # noqa: PLC0415

        resp.content_type = "application/x-x509-ca-cert"
        resp.downloadable_as = "pisovereign.crt"
        _as_it_is(resp, der_of(certificate))

    @route("GET", _PATHS["pem"], public=True, documented=False)
    async def pem(self, req: Request, resp: Response) -> None:
        """Send it as text."""
        certificate = await self._authority()
        from pisovereign.tls.authority import pem_of  # noqa: PLC0415

        resp.content_type = "application/x-pem-file"
        resp.downloadable_as = "pisovereign.pem"
        _as_it_is(resp, pem_of(certificate))

    @route("GET", _PATHS["profile"], public=True, documented=False)
    async def profile(self, req: Request, resp: Response) -> None:
        """Send it as a profile for Apple's devices."""
        certificate = await self._authority()
        from pisovereign.tls.trust_page import apple_profile  # noqa: PLC0415

        resp.content_type = "application/x-apple-aspen-config"
        resp.downloadable_as = "pisovereign.mobileconfig"
        _as_it_is(resp, apple_profile(certificate))

    async def _fingerprint(self) -> str:
        certificate = await self._authority()
        from pisovereign.tls.authority import fingerprint  # noqa: PLC0415

        return fingerprint(certificate)

    async def _authority(self) -> x509.Certificate:
        """Return the authority's certificate.

        Only then is there anything to show, and what shows it is imported: reading the certificate
        brought most of that, in a thread.

        Raises:
            NotFound: This device has none, or does not use it.
        """
        if not isinstance(self._source, OwnCertificate):
            raise NotFound("This device has no authority of its own")
        return (await asyncio.to_thread(self._source.authority)).certificate


def _address(scheme: str, host: str, port: int) -> str:
    shown_host = f"[{host}]" if ":" in host else host
    usual = {"http": 80, "https": 443}[scheme]
    return f"{scheme}://{shown_host}" if port == usual else f"{scheme}://{shown_host}:{port}"


def _as_it_is(resp: Response, data: bytes) -> None:
    """Send bytes that no cache keeps, since the authority may be another one tomorrow."""
    resp.data = data
    resp.set_header("Cache-Control", "no-store")
    resp.set_header("X-Content-Type-Options", "nosniff")
    resp.set_header("Referrer-Policy", "no-referrer")
