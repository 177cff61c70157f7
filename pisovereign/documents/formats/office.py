"""Documents of word processors: docx (Office Open XML) and odt (OpenDocument)."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator

from lxml import etree

from pisovereign.documents.formats.parsed import ENCRYPTED, Collector, Parsed, Unreadable

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_DC_TITLE = "{http://purl.org/dc/elements/1.1/}title"
_HEADING = re.compile(r"(?:heading|berschrift|titre)\D{0,3}([1-6])", re.IGNORECASE)
_MOST_REPEATED = 100
_LARGEST_MEMBER = 64 * 1024 * 1024
_MOST_MEMBERS = 10_000
_CHUNK = 1 << 20


def parse_docx(data: bytes) -> Parsed:
    """Return paragraphs, headings and lines of tables.

    Raises:
        Unreadable: it is no such document, or one that cannot be read.
    """
    content = _read_member(data, "word/document.xml")
    if content is None:
        encrypted = _read_member(data, "EncryptedPackage") is not None
        raise Unreadable(ENCRYPTED if encrypted else "it is an archive, and no document")
    body = _read_xml(content).find(f"{_W}body")
    if body is None:
        raise Unreadable("it has no text of a document")
    levels = _docx_styles(_read_member(data, "word/styles.xml"))
    out = Collector()
    for element in _docx_blocks(body):
        if element.tag == f"{_W}tr":
            cells = (
                " ".join(_docx_text(each) for each in cell.iter(f"{_W}p"))
                for cell in element.findall(f"{_W}tc")
            )
            out.add(" | ".join(cells))
            continue
        style = element.find(f"{_W}pPr/{_W}pStyle")
        name = "" if style is None else style.get(f"{_W}val") or ""
        out.add(_docx_text(element), level=levels.get(name, _level(name)))
    return Parsed(out.blocks, title=_title(_read_member(data, "docProps/core.xml")))


def _docx_blocks(body: etree._Element) -> Iterator[etree._Element]:
    """Yield paragraphs, and rows of tables as a whole."""
    for child in body:
        if child.tag == f"{_W}tbl":
            yield from child.findall(f"{_W}tr")
        elif child.tag == f"{_W}p":
            yield child
        elif child.tag == f"{_W}sdt":
            content = child.find(f"{_W}sdtContent")
            if content is not None:
                yield from _docx_blocks(content)


def _docx_text(paragraph: etree._Element) -> str:
    pieces = []
    for node in paragraph.iter(f"{_W}t", f"{_W}tab", f"{_W}br", f"{_W}cr"):
        if node.tag == f"{_W}t":
            pieces.append(node.text or "")
        else:
            pieces.append(" " if node.tag == f"{_W}tab" else "\n")
    return "".join(pieces)


def _docx_styles(content: bytes | None) -> dict[str, int]:
    """Return the level of each style that is a heading, whatever the language calls it."""
    levels: dict[str, int] = {}
    for style in _read_xml(content).iter(f"{_W}style") if content else ():
        name = style.find(f"{_W}name")
        outline = style.find(f"{_W}pPr/{_W}outlineLvl")
        level = _level("" if name is None else name.get(f"{_W}val") or "")
        if not level and outline is not None and (outline.get(f"{_W}val") or "").isdecimal():
            level = int(outline.get(f"{_W}val") or 9) + 1
        if 1 <= level <= 6:
            levels[style.get(f"{_W}styleId") or ""] = level
    return levels


def _level(name: str) -> int:
    if name.lower() == "title":
        return 1
    found = _HEADING.search(name)
    return int(found[1]) if found else 0


def _title(content: bytes | None) -> str:
    if content is None:
        return ""
    title = _read_xml(content).find(_DC_TITLE)
    return "" if title is None else title.text or ""


def parse_odt(data: bytes) -> Parsed:
    """Return paragraphs, headings and lines of tables.

    Raises:
        Unreadable: it is no such document, or one that cannot be read.
    """
    content = _read_member(data, "content.xml")
    manifest = _read_member(data, "META-INF/manifest.xml") or b""
    if b"encryption-data" in manifest:
        raise Unreadable(ENCRYPTED)
    body = None if content is None else _read_xml(content).find(f"{_OFFICE}body/{_OFFICE}text")
    if body is None:
        raise Unreadable("it has no text of a document")
    out = Collector()
    for element in _odt_blocks(body):
        if element.tag == f"{_TABLE}table-row":
            cells = element.findall(f"{_TABLE}table-cell")
            out.add(" | ".join(" ".join(map(_odt_text, cell.iter(f"{_TEXT}p"))) for cell in cells))
        else:
            level = element.get(f"{_TEXT}outline-level") or "1"
            heading = element.tag == f"{_TEXT}h"
            out.add(_odt_text(element), level=min(int(level), 6) if heading else 0)
    meta = _read_member(data, "meta.xml")
    title = None if meta is None else next(_read_xml(meta).iter(_DC_TITLE), None)
    return Parsed(out.blocks, title="" if title is None else title.text or "")


def _odt_blocks(parent: etree._Element) -> Iterator[etree._Element]:
    for child in parent:
        if child.tag in (f"{_TEXT}h", f"{_TEXT}p"):
            yield child
        elif child.tag == f"{_TABLE}table":
            yield from child.iter(f"{_TABLE}table-row")
        elif child.tag not in (f"{_TEXT}tracked-changes", f"{_OFFICE}annotation"):
            yield from _odt_blocks(child)


def _odt_text(element: etree._Element) -> str:
    pieces = [element.text or ""]
    for child in element:
        if child.tag == f"{_TEXT}s":
            count = child.get(f"{_TEXT}c") or "1"
            pieces.append(" " * min(int(count) if count.isdecimal() else 1, _MOST_REPEATED))
        elif child.tag in (f"{_TEXT}line-break", f"{_TEXT}tab"):
            pieces.append("\n" if child.tag.endswith("break") else " ")
        elif child.tag not in (f"{_OFFICE}annotation", f"{_TEXT}note"):
            pieces.append(_odt_text(child))
        pieces.append(child.tail or "")
    return "".join(pieces)


def _read_member(data: bytes, name: str) -> bytes | None:
    """Return a member, unpacked; None if there is none.

    Raises:
        Unreadable: it is broken, encrypted, or larger than it may be.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if len(archive.filelist) > _MOST_MEMBERS:
                raise Unreadable("it is an archive of too many parts")
            try:
                member = archive.getinfo(name)
            except KeyError:
                return None
            if member.flag_bits & 1:
                raise Unreadable(ENCRYPTED)
            content = bytearray()
            with archive.open(member) as file:
                # What it says about its size is not believed.
                while piece := file.read(_CHUNK):
                    content += piece
                    if len(content) > _LARGEST_MEMBER:
                        raise Unreadable("its parts are much larger than the file: a ZIP bomb")
            return bytes(content)
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, NotImplementedError):
        raise Unreadable("its archive is broken") from None
    except RuntimeError:
        raise Unreadable(ENCRYPTED) from None


def _read_xml(content: bytes) -> etree._Element:
    """Return the root of a document, without entities, and nothing fetched.

    Raises:
        Unreadable: it is broken, nested too deeply, or declares entities.
    """
    if b"<!DOCTYPE" in content[:4096] or b"<!ENTITY" in content[:4096]:
        raise Unreadable("it declares entities, which documents of its kind never do")
    # Without `huge_tree` libxml2 refuses what is deeper than 256.
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True
    )
    try:
        return etree.fromstring(content, parser)
    except etree.XMLSyntaxError:
        raise Unreadable("its XML is broken, or nested too deeply") from None
