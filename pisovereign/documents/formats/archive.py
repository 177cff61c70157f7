"""Members of ZIP files, which may pretend to be small."""

from __future__ import annotations

import io
import zipfile
import zlib

from lxml import etree

from pisovereign.documents.formats.parsed import ENCRYPTED, Unreadable

LARGEST_MEMBER = 64 * 1024 * 1024
_MOST_MEMBERS = 10_000
_CHUNK = 1 << 20


def read_member(data: bytes, name: str) -> bytes | None:
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
                    if len(content) > LARGEST_MEMBER:
                        raise Unreadable("its parts are much larger than the file: a ZIP bomb")
            return bytes(content)
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, NotImplementedError):
        raise Unreadable("its archive is broken") from None
    except RuntimeError:
        raise Unreadable(ENCRYPTED) from None


def read_xml(content: bytes) -> etree._Element:
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
