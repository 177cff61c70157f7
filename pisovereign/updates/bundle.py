"""The file that holds an update.

    PISOVEREIGN-UPDATE-1 and a line feed
    length of the list (4 bytes, big-endian), the list as JSON
    length of the signature (4 bytes), minisign's signature of exactly these bytes of the list
    the pieces, one after the other

The list names each piece with its checksum, so whoever has verified it can judge each piece before
a byte of it is unpacked. What no piece covers is zero. A file that ends after the signature is a
notice: what somebody asks for who wants to know whether there is an update.
"""

from __future__ import annotations

import hashlib
import lzma
import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated, BinaryIO, Literal

import msgspec
from msgspec import Meta

from pisovereign.errors import StartError
from pisovereign.updates.minisign import PublicKey, verify

MAGIC = b"PISOVEREIGN-UPDATE-1\n"
LONGEST_LIST = 8 * 1024 * 1024
LONGEST_SIGNATURE = 2048
LONGEST_NOTICE = len(MAGIC) + 8 + LONGEST_LIST + LONGEST_SIGNATURE
LARGEST_PIECE = 4 * 1024 * 1024
LARGEST_PART = 64 * 1024**3
_UNPACK_MEMORY = 128 * 1024 * 1024
VERSION = r"^(0|[1-9][0-9]{0,5})\.(0|[1-9][0-9]{0,5})\.(0|[1-9][0-9]{0,5})\Z"
FILE_NAME = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}\.update\Z"

Digest = Annotated[str, Meta(pattern=r"^[0-9a-f]{64}\Z")]
Size = Annotated[int, Meta(ge=0, le=LARGEST_PART)]


class BundleRefused(StartError):
    """A file that is no update, or is damaged; the text says why."""


class Piece(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """A piece of a partition, packed by itself.

    Attributes:
        offset: where it begins in the partition, in bytes.
        size: its bytes once it is unpacked.
        stored: its bytes in the file.
        sha256: of its bytes in the file.
    """

    offset: Size
    size: Annotated[int, Meta(ge=1, le=LARGEST_PIECE)]
    stored: Annotated[int, Meta(ge=1, le=2 * LARGEST_PIECE)]
    sha256: Digest


class Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The content of one partition.

    Attributes:
        name: the partition's label without its slot.
        size: its bytes.
        sha256: of all of them, with `a` where the name of the slot stands.
        slot_at: where the one letter stands that names the slot, in bytes; None: nowhere.
        pieces: in the order in which they are in the file and in the partition.
    """

    name: Literal["boot", "system"]
    size: Size
    sha256: Digest
    pieces: list[Piece]
    slot_at: Size | None = None


class Manifest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The description of an update, and of what is in it.

    Attributes:
        product: which kind of image it is for.
        boards: which boards, as `pi4`.
        version: of the program.
        built: when its sources were last changed, in seconds since the epoch. Of two systems of
            one version the later is the newer.
        urgency: whether it closes a hole.
        notes: for people: what is new.
        file: its usual name.
        parts: what goes where.
    """

    product: Annotated[str, Meta(pattern=r"^[a-z0-9-]{1,40}\Z")]
    boards: Annotated[list[Annotated[str, Meta(pattern=r"^[a-z0-9]{1,20}\Z")]], Meta(min_length=1)]
    version: Annotated[str, Meta(pattern=VERSION)]
    built: Annotated[int, Meta(ge=0, le=1 << 40)]
    urgency: Literal["security", "usual"]
    notes: Annotated[str, Meta(max_length=20_000)]
    file: Annotated[str, Meta(pattern=FILE_NAME)]
    parts: Annotated[list[Part], Meta(min_length=2, max_length=2)]

    @property
    def stored(self) -> int:
        """Return the bytes of all pieces in the file."""
        return sum(piece.stored for part in self.parts for piece in part.pieces)


class Bundle(msgspec.Struct, frozen=True):
    """A list whose signature fits, and where the pieces begin in the file."""

    manifest: Manifest
    begin: int

    @property
    def size(self) -> int:
        """Return how long the file has to be, in bytes."""
        return self.begin + self.manifest.stored


def open_bundle(path: Path) -> BinaryIO:
    """Open a file that others may have put there: a file, and not a link to one.

    Raises:
        BundleRefused: It cannot be opened, or is something else.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError as error:
        raise BundleRefused(f"{path.name}: {error.strerror}") from None
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        # `fdopen` refuses a folder, and leaves it open.
        os.close(descriptor)
        raise BundleRefused(f"{path.name}: is no file")
    return os.fdopen(descriptor, "rb")


def read_notice(file: BinaryIO, keys: list[PublicKey]) -> Bundle:
    """Read everything before the pieces, and verify it.

    Raises:
        BundleRefused: It is no update, or damaged.
        NotSigned: Nobody who counts has signed it.
    """
    if file.read(len(MAGIC)) != MAGIC:
        raise BundleRefused("this is no update")
    listed = _field(file, LONGEST_LIST)
    signature = _field(file, LONGEST_SIGNATURE)
    # Before anything of it is read: only what is signed is worth a parser.
    verify(listed, signature.decode("utf-8", "replace"), keys)
    try:
        manifest = msgspec.json.decode(listed, type=Manifest)
    except msgspec.MsgspecError as error:
        raise BundleRefused(f"the list of this update cannot be read: {error}") from None
    _check(manifest)
    return Bundle(manifest, len(MAGIC) + 8 + len(listed) + len(signature))


def verify_pieces(
    file: BinaryIO, bundle: Bundle, tell: Callable[[int], None] = lambda done: None
) -> None:
    """Read every piece, and require that each is what the list says, and that nothing follows.

    Args:
        file: of which the notice was just read.
        bundle: that notice.
        tell: is told how many bytes have been read.

    Raises:
        BundleRefused: It is damaged.
    """
    done = 0
    for part in bundle.manifest.parts:
        for piece in part.pieces:
            _stored(file, piece)
            done += piece.stored
            tell(done)
    if file.read(1):
        raise BundleRefused("this update is damaged: something follows its end")


def unpacked(file: BinaryIO, part: Part) -> Iterator[tuple[int, bytes]]:
    """Yield offset and bytes of each piece of the part that the file stands at, verified again.

    Raises:
        BundleRefused: It is damaged, or has been changed since.
    """
    for piece in part.pieces:
        packed = _stored(file, piece)
        try:
            reader = lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_UNPACK_MEMORY)
            data = reader.decompress(packed, max_length=piece.size + 1)
        except lzma.LZMAError:
            raise BundleRefused("a piece of this update cannot be unpacked") from None
        if len(data) != piece.size:
            raise BundleRefused("a piece of this update has another size than it should")
        yield piece.offset, data


def pack(data: bytes) -> bytes:
    """Pack a piece, always in the same way."""
    return lzma.compress(data, lzma.FORMAT_XZ, lzma.CHECK_NONE, preset=6)


def notice(listed: bytes, signature: str) -> bytes:
    """Return what stands before the pieces."""
    signed = signature.encode()
    lengths = len(listed).to_bytes(4), len(signed).to_bytes(4)
    return MAGIC + lengths[0] + listed + lengths[1] + signed


def _stored(file: BinaryIO, piece: Piece) -> bytes:
    packed = file.read(piece.stored)
    if len(packed) != piece.stored:
        raise BundleRefused("this update is not complete")
    if hashlib.sha256(packed).hexdigest() != piece.sha256:
        raise BundleRefused("this update is damaged")
    return packed


def _field(file: BinaryIO, longest: int) -> bytes:
    head = file.read(4)
    size = int.from_bytes(head)
    if len(head) != 4 or size > longest:
        raise BundleRefused("this is no update")
    data = file.read(size)
    if len(data) != size:
        raise BundleRefused("this update is not complete")
    return data


def _check(manifest: Manifest) -> None:
    if [part.name for part in manifest.parts] != ["boot", "system"]:
        raise BundleRefused("this update does not hold one boot and one system partition")
    for part in manifest.parts:
        end = 0
        for piece in part.pieces:
            if piece.offset < end:
                raise BundleRefused("pieces of this update overlap")
            end = piece.offset + piece.size
        if end > part.size or (part.slot_at is not None and part.slot_at >= part.size):
            raise BundleRefused("a piece of this update lies outside of its partition")
