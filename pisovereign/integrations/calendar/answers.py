"""What answers of a calendar server mean, in words that help, and without the server's own."""

from __future__ import annotations

from urllib.parse import urljoin

import niquests
from lxml import etree

from pisovereign.errors import HostFailed, UpstreamError

_XML_METHODS = frozenset(("PROPFIND", "REPORT"))


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
