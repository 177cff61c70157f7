"""The file of an update: what is refused, and that making it twice gives the same."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path

import msgspec
import pytest

from pisovereign.errors import StartError
from pisovereign.updates import bundle
from pisovereign.updates.bundle import BundleRefused, Manifest, Part, Piece
from pisovereign.updates.minisign import NotSigned, PublicKey, load_keys, verify
from tests.support.updates import RELEASE, Signer, make_update

KEYS = [PublicKey.parse(RELEASE.public)]


def read(data: bytes, keys: list[PublicKey] = KEYS) -> Manifest:
    file = io.BytesIO(data)
    found = bundle.read_notice(file, keys)
    bundle.verify_pieces(file, found)
    return found.manifest


@pytest.fixture(scope="module")
def update(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return make_update(tmp_path_factory.mktemp("update"), "1.1.0").read_bytes()


def test_the_same_system_gives_the_same_file(tmp_path: Path, update: bytes) -> None:
    assert make_update(tmp_path, "1.1.0").read_bytes() == update
    notice = (tmp_path / "pisovereign.notice").read_bytes()
    assert update.startswith(notice)
    assert bundle.read_notice(io.BytesIO(notice), KEYS).size == len(update)


def test_what_is_in_it_is_told(update: bytes) -> None:
    manifest = read(update)
    assert (manifest.product, manifest.version) == ("pisovereign", "1.1.0")
    assert manifest.file == "pisovereign-1.1.0-1.update"
    assert [part.name for part in manifest.parts] == ["boot", "system"]


@pytest.mark.parametrize("share", [0.0, 0.02, 0.3, 0.6, 0.9, 0.999])
def test_no_byte_can_be_changed(update: bytes, share: float) -> None:
    place = int(share * len(update))
    with pytest.raises(StartError):
        read(update[:place] + bytes([update[place] ^ 1]) + update[place + 1 :])


@pytest.mark.parametrize("share", [0.0, 0.001, 0.05, 0.5, 0.9999])
def test_a_file_that_is_cut_off_is_refused(update: bytes, share: float) -> None:
    with pytest.raises(BundleRefused):
        read(update[: int(share * len(update))])


def test_nothing_may_follow_its_end(update: bytes) -> None:
    with pytest.raises(BundleRefused, match="follows its end"):
        read(update + b"x")


def test_another_key_does_not_count(update: bytes, tmp_path: Path) -> None:
    other = Signer("another")
    with pytest.raises(NotSigned, match="does not know"):
        read(update, [PublicKey.parse(other.public)])
    # One that claims to be ours.
    other.key_id = RELEASE.key_id
    with pytest.raises(NotSigned, match="does not fit"):
        read(make_update(tmp_path, "1.1.0", signer=other).read_bytes())


def test_a_signature_of_something_else_does_not_count() -> None:
    signature = RELEASE.sign(b"this")
    verify(b"this", signature, KEYS)
    for text, said in (
        (RELEASE.sign(b"that"), "does not fit"),
        (signature.replace("a test", "attest"), "does not fit"),
        (RELEASE.sign(b"this", kind=b"Ed"), "hashes first"),
        (signature.replace("=", ""), "damaged"),
        ("", "not one of minisign"),
    ):
        with pytest.raises(NotSigned, match=said):
            verify(b"this", text, KEYS)


def test_old_and_new_key_count_side_by_side(tmp_path: Path) -> None:
    for number, signer in enumerate((RELEASE, Signer("next"))):
        (tmp_path / f"{number}.pub").write_text(signer.public)
    keys = load_keys(tmp_path)
    for signer in (RELEASE, Signer("next")):
        verify(b"x", signer.sign(b"x"), keys)


def test_without_a_key_or_with_a_broken_one_nothing_is_accepted(tmp_path: Path) -> None:
    with pytest.raises(NotSigned, match="has no key"):
        load_keys(tmp_path)
    (tmp_path / "0.pub").write_text(RELEASE.public)
    (tmp_path / "1.pub").write_text("nonsense")
    with pytest.raises(NotSigned):
        load_keys(tmp_path)


def signed(manifest: Manifest) -> bytes:
    listed = msgspec.json.encode(manifest)
    return bundle.notice(listed, RELEASE.sign(listed))


def of(*parts: Part, version: str = "1.0.0") -> Manifest:
    return Manifest(
        product="pisovereign",
        boards=["pi5"],
        version=version,
        built=1,
        urgency="usual",
        notes="",
        file="x.update",
        parts=list(parts),
    )


def piece(offset: int, size: int) -> Piece:
    return Piece(offset, size, 10, "0" * 64)


@pytest.mark.parametrize(
    "parts",
    [
        [Part("system", 9, "0" * 64, []), Part("boot", 9, "0" * 64, [])],
        [Part("boot", 9, "0" * 64, []), Part("boot", 9, "0" * 64, [])],
        [Part("boot", 9, "0" * 64, [piece(0, 10)]), Part("system", 9, "0" * 64, [])],
        [Part("boot", 9, "0" * 64, [piece(0, 4), piece(3, 4)]), Part("system", 9, "0" * 64, [])],
        [Part("boot", 9, "0" * 64, [], slot_at=9), Part("system", 9, "0" * 64, [])],
    ],
)
def test_a_signed_list_that_makes_no_sense_is_refused_too(parts: list[Part]) -> None:
    with pytest.raises(BundleRefused):
        read(signed(of(*parts)))


@pytest.mark.parametrize("version", ["1.0", "1.0.0-rc1", "1.0.0\n", "01.0.0", "../x"])
def test_a_version_has_three_numbers(version: str) -> None:
    parts = Part("boot", 9, "0" * 64, []), Part("system", 9, "0" * 64, [])
    with pytest.raises(BundleRefused):
        read(signed(of(*parts, version=version)))


def test_a_piece_that_unpacks_to_more_than_it_says_is_not_unpacked() -> None:
    packed = bundle.pack(bytes(1_000_000))
    listed = bundle.Piece(0, 10, len(packed), hashlib.sha256(packed).hexdigest())
    with pytest.raises(BundleRefused, match="another size"):
        list(bundle.unpacked(io.BytesIO(packed), Part("boot", 10, "0" * 64, [listed])))


# Made by minisign 0.12 of Debian 13; the secret half was thrown away.
PUBLIC = """\
untrusted comment: minisign public key 548EF2F8B0B398E9
RWTpmLOw+PKOVJLZ+3EYrVj38wxVvlrSeHWm2JPCezilCzFBTqMfuoNd
"""
SIGNATURE = """\
untrusted comment: PiSovereign update
RUTpmLOw+PKOVL+/+2vQRtivSpwA+WzgGqLRiMUTTQm7ttjnIBLK88mzImufDarrQ1uSorVWAHUCub8pGMSHHf61lgP3byjL5Qk=
trusted comment: pisovereign 1.0.0 1
Gwz3NoG/gutX9mYebZcw5s6erL3ImDt51cJA8Y0CsCvJ+ZY33/qnwS8xsEiVhBEtqVIxsXuRXQibJsx2DwM1Ag==
"""


def test_what_minisign_itself_has_signed_is_accepted() -> None:
    keys = [PublicKey.parse(PUBLIC)]
    verify(b"the list of an update", SIGNATURE, keys)
    with pytest.raises(NotSigned):
        verify(b"the list of an updatf", SIGNATURE, keys)
