"""Reading XML of servers: no entities, nothing fetched, bounded."""

from __future__ import annotations

from lxml import etree

from pisovereign.errors import UpstreamError


def read_xml(data: bytes, server: str) -> etree._Element:
    """Return the root of a document.

    Raises:
        UpstreamError: It is none, or declares what no answer needs to.
    """
    parser = etree.XMLParser(
        resolve_entities=False, load_dtd=False, no_network=True, huge_tree=False, recover=False
    )
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError:
        raise UpstreamError(f"The answer of {server} is not XML") from None
    if root.getroottree().docinfo.doctype:
        raise UpstreamError(f"The answer of {server} declares a document type")
    return root
