from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pisovereign.errors import InternalError, SealError, StartError, TamperedData, UnknownKey
from pisovereign.storage.sealing import Sealer, load_or_create_key

KEY = bytes(range(32))
TEXT = st.text(st.characters(codec="utf-8"))


@given(TEXT, st.binary(max_size=40))
def test_what_was_sealed_opens_again(text: str, aad: bytes) -> None:
    sealer = Sealer(KEY)
    sealed = sealer.seal(text, aad=aad)
    assert sealer.open(sealed.data, sealed.key_id, aad) == text


@given(TEXT, st.data())
def test_every_changed_bit_is_noticed(text: str, data: st.DataObject) -> None:
    sealer = Sealer(KEY)
    sealed = sealer.seal(text, aad=b"row")
    changed = bytearray(sealed.data)
    position = data.draw(st.integers(0, len(changed) * 8 - 1))
    changed[position // 8] ^= 1 << position % 8
    with pytest.raises(TamperedData):
        sealer.open(bytes(changed), sealed.key_id, b"row")


@given(st.binary(max_size=80))
def test_garbage_is_a_clear_error(garbage: bytes) -> None:
    with pytest.raises(TamperedData):
        Sealer(KEY).open(garbage, Sealer(KEY).key_id, b"")


def test_a_text_moved_to_another_row_does_not_open() -> None:
    sealed = Sealer(KEY).seal("secret", aad=b"row 1")
    with pytest.raises(TamperedData):
        Sealer(KEY).open(sealed.data, sealed.key_id, b"row 2")


def test_another_key_is_named_and_not_tried() -> None:
    sealed = Sealer(KEY).seal("secret", aad=b"")
    with pytest.raises(UnknownKey, match=sealed.key_id):
        Sealer(bytes(32)).open(sealed.data, sealed.key_id, b"")


def test_sealing_twice_never_gives_the_same_bytes() -> None:
    sealer = Sealer(KEY)
    assert len({sealer.seal("same", aad=b"").data for _ in range(100)}) == 100


def test_the_sealed_bytes_hold_no_text() -> None:
    assert b"secret" not in Sealer(KEY).seal("secret", aad=b"").data


def test_lone_surrogates_are_refused_without_quoting_the_text() -> None:
    with pytest.raises(SealError) as caught:
        Sealer(KEY).seal("secret \ud800", aad=b"")
    assert "secret" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert isinstance(caught.value, InternalError)


def test_the_key_id_tells_keys_apart_but_not_the_key() -> None:
    assert Sealer(KEY).key_id != Sealer(bytes(32)).key_id
    assert len(Sealer(KEY).key_id) == 16
    assert Sealer(KEY).key_id not in KEY.hex()


def test_a_new_key_file_is_private_and_stays(tmp_path: Path) -> None:
    path = tmp_path / "key"
    key = load_or_create_key(path)
    assert len(key) == 32
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert load_or_create_key(path) == key
    assert list(tmp_path.iterdir()) == [path]


def test_processes_that_start_together_agree_on_one_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(16) as threads:
        keys = set(threads.map(load_or_create_key, [tmp_path / "key"] * 64))
    assert len(keys) == 1


def test_a_key_file_that_others_may_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "key"
    load_or_create_key(path)
    path.chmod(0o640)
    with pytest.raises(StartError, match="chmod 600"):
        load_or_create_key(path)


@pytest.mark.parametrize("size", [0, 31, 33])
def test_a_damaged_key_file_is_refused_and_kept(tmp_path: Path, size: int) -> None:
    path = tmp_path / "key"
    path.write_bytes(bytes(size))
    path.chmod(0o600)
    with pytest.raises(StartError, match="backup"):
        load_or_create_key(path)
    assert path.stat().st_size == size


def test_a_folder_that_does_not_exist_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(StartError, match="cannot be written"):
        load_or_create_key(tmp_path / "absent" / "key")


def test_a_folder_in_the_key_files_place_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(StartError, match="cannot be read"):
        load_or_create_key(tmp_path)
