"""The HTTP session that the CalDAV library talks through.

The library would connect anywhere, follow redirects, wait for each byte anew and read without end.
Here every request passes the gate, a redirect is an error, one deadline ends everything, and what
is read is bounded.
"""

from __future__ import annotations

import socket
from typing import Any, NamedTuple
from urllib.parse import urljoin

import niquests
from lxml import etree
from niquests.adapters import HTTPAdapter
from niquests.packages.urllib3.contrib.resolver import BaseResolver, ProtocolResolver
from niquests.packages.urllib3.exceptions import HTTPError

from pisovereign.connectors.blocking import Deadline
from pisovereign.errors import HostFailed, UpstreamError
from pisovereign.net.hosts import Target, literal, parse_url
from pisovereign.outbound.breakers import Breakers
from pisovereign.outbound.gate import Gate
from pisovereign.outbound.tls import Tls

_XML_METHODS = frozenset(("PROPFIND", "REPORT"))
MAX_BYTES = 16 * 1024 * 1024
_CHUNK_BYTES = 64 * 1024


def check_answer(response: niquests.Response) -> None:
    """Refuse what the CalDAV library should not see: it logs bodies that it cannot read.

    Raises:
        HostFailed: the server failed itself.
        UpstreamError: it is no calendar server, or the address is wrong.
    """
    status = response.status_code or 0
    if status >= 500:
        raise HostFailed(f"The calendar server failed: HTTP status {status}")
    if 300 <= status < 400:
        raise UpstreamError(_moved(response))
    if status == 429:
        raise UpstreamError("The calendar server says that it is asked too often")
    if status >= 400:
        response._content = b""
        return
    method = response.request.method if response.request else ""
    if method in _XML_METHODS:
        _check_xml(response.content or b"")
    elif method != "GET":
        response._content = b""


def _moved(response: niquests.Response) -> str:
    target = str(response.headers.get("Location", ""))
    address = urljoin(response.url or "", target)
    # Only a path of the same server: the rest would be what somebody else wants to be visited.
    origin, _, _ = (response.url or "").partition("://")
    host = (response.url or "").split("/")[2]
    if target and address.startswith(f"{origin}://{host}/") and address.isprintable():
        return f"The calendar server has another address: set caldav.url to {address[:500]}"
    return "The calendar server redirects to another one: caldav.url is not its address"


def _check_xml(body: bytes) -> None:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
    try:
        root = etree.fromstring(body, parser)
    except etree.XMLSyntaxError:
        root = None
    # No such answer declares entities, which could grow without end or name files.
    declares = root is not None and root.getroottree().docinfo.internalDTD is not None
    if root is None or declares or not str(root.tag).endswith("}multistatus"):
        raise UpstreamError("The address in caldav.url is not that of a calendar server")


class OutboundAccess(NamedTuple):
    """The means of connecting to the server."""

    gate: Gate
    breakers: Breakers
    tls: Tls


class _GateResolver(BaseResolver):  # type: ignore[misc] # its types depend on what is installed
    """A resolver that connects where the gate says, and nowhere else."""

    protocol = ProtocolResolver.CUSTOM
    implementation = "gate"

    def __init__(self, gate: Gate, deadline: Deadline) -> None:
        super().__init__(None)
        self._gate = gate
        self._deadline = deadline

    def create_connection(
        self, address: tuple[str, int], *_: object, **__: object
    ) -> socket.socket:
        host, port = address
        connection = self._gate.create_socket(host.strip("[]"), port, self._deadline.left_s())
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._deadline.watch(connection)
        return connection

    def getaddrinfo(self, *_: object, **__: object) -> list[Any]:
        """Raise: names become connections in one step."""
        raise OSError("names are resolved by the gate")

    def close(self) -> None:
        """Do nothing: there is nothing to close."""

    def is_available(self) -> bool:
        return True


class _GateAdapter(HTTPAdapter):
    """An adapter that sends a request, and reads its answer within bounds."""

    def __init__(self, home: Target, access: OutboundAccess, deadline: Deadline) -> None:
        self._tls = access.tls.context
        super().__init__(
            max_retries=0,
            resolver=_GateResolver(access.gate, deadline),
            disable_http2=True,
            disable_http3=True,
            keepalive_delay=None,
            revocation_configuration=None,
            allow_incoming_cookies=False,
        )
        self._home = home
        self._breakers = access.breakers
        self._deadline = deadline

    def init_poolmanager(self, *arguments: Any, **options: Any) -> None:
        """Make connections with the TLS of everything that goes out."""
        super().init_poolmanager(*arguments, ssl_context=self._tls, **options)

    def cert_verify(self, *_: object, **__: object) -> None:
        """Do nothing: the context says what is verified."""

    def send(
        self, request: niquests.PreparedRequest, *_: object, **options: Any
    ) -> niquests.Response:
        """Return the answer, with its body.

        Raises:
            UpstreamError: there is none that is of use.
        """
        target = parse_url(request.url or "")
        if not _belongs(target, self._home):
            raise UpstreamError("The calendar server refers to another one, which is not asked")
        with self._breakers.guard_blocking(target.host, target.port):
            response = self._ask(request, target, options)
            check_answer(response)
        return response

    def _ask(
        self, request: niquests.PreparedRequest, target: Target, options: dict[str, Any]
    ) -> niquests.Response:
        options |= {
            "stream": True,
            "timeout": self._deadline.left_s(),
            "verify": True,
            "cert": None,
            "proxies": None,
        }
        try:
            response = super().send(request, **options)
            # What the library reads when it asks for the content.
            response._content = self._body(response)
            response._content_consumed = True
        except niquests.exceptions.SSLError:
            raise HostFailed(f"The certificate of {target.host} cannot be verified") from None
        except (niquests.RequestException, HTTPError):
            self._deadline.left_s()
            raise HostFailed(f"{target.host}:{target.port} does not answer") from None
        return response

    def _body(self, response: niquests.Response) -> bytes:
        if response.headers.get("Content-Encoding", "identity") != "identity":
            raise HostFailed("The calendar server compresses its answer without being asked")
        body = bytearray()
        for chunk in response.iter_content(_CHUNK_BYTES):
            body += chunk
            if len(body) > MAX_BYTES:
                response.close()
                raise HostFailed("The calendar server's answer is too long")
            self._deadline.left_s()
        # A connection that was cut ends the body too.
        self._deadline.left_s()
        return bytes(body)


def _belongs(target: Target, home: Target) -> bool:
    """Return whether the account's password may be sent there.

    Large providers spread accounts over hosts: caldav.icloud.com sends to p42-caldav.icloud.com.
    """
    if target == home:
        return True
    family = home.host.partition(".")[2]
    kin = "." in family and literal(home.host) is None and target.host.endswith(f".{family}")
    return kin and (target.scheme, target.port) == (home.scheme, home.port)


def make_session(url: str, access: OutboundAccess, deadline: Deadline) -> niquests.Session:
    """Return a session that reaches the server at `url`, through the gate."""
    session = niquests.Session(
        disable_http2=True, disable_http3=True, revocation_configuration=None, retries=0
    )
    # No proxies, passwords or certificates that the environment names.
    session.trust_env = False
    session.adapters.clear()
    adapter = _GateAdapter(parse_url(url), access, deadline)
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    session.headers["Accept-Encoding"] = "identity"
    return session
