from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pisovereign.engine.saved_prompt_file import ComputedPrompt, Fingerprint, Unusable, pack, read

PROMPT = ComputedPrompt(
    "model a", [5, 6, 70_000], np.arange(200, dtype=np.uint8), Fingerprint((1, 2), (0.5, -1.0), 9.5)
)
WHOLE = pack(PROMPT)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("prompt") / "file"


def read_back(
    path: Path, data: bytes, identity: str = "model a", most: int = 1000
) -> ComputedPrompt:
    path.write_bytes(data)
    return read(path, identity, most)


@given(
    tokens=st.lists(st.integers(0, (1 << 31) - 1), min_size=1),
    state=st.binary(),
    identity=st.text(st.characters(exclude_categories=["Cs"])),
)
def test_what_is_written_is_read(
    path: Path, tokens: list[int], state: bytes, identity: str
) -> None:
    known = Fingerprint((3,), (1.25,), 2.5)
    prompt = ComputedPrompt(identity, tokens, np.frombuffer(state, np.uint8), known)
    again = read_back(path, pack(prompt), identity)
    assert (again.identity, again.tokens, again.fingerprint) == (identity, tokens, known)
    assert again.state.tobytes() == state


@given(at=st.integers(0, len(WHOLE) - 1), bits=st.integers(1, 255))
def test_a_changed_byte_is_noticed(path: Path, at: int, bits: int) -> None:
    changed = bytearray(WHOLE)
    changed[at] ^= bits
    with pytest.raises(Unusable):
        read_back(path, bytes(changed))


@given(length=st.integers(0, len(WHOLE) - 1))
def test_a_cut_file_is_noticed(path: Path, length: int) -> None:
    with pytest.raises(Unusable):
        read_back(path, WHOLE[:length])


def test_another_identity_and_a_large_file(path: Path) -> None:
    with pytest.raises(Unusable, match="another model"):
        read_back(path, WHOLE, "model b")
    with pytest.raises(Unusable, match="too large"):
        read_back(path, WHOLE + bytes(2 << 20))


def test_a_file_without_tokens(path: Path) -> None:
    empty = ComputedPrompt("model a", [], PROMPT.state, PROMPT.fingerprint)
    with pytest.raises(Unusable, match="sizes"):
        read_back(path, pack(empty))


def test_no_file(path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read(path.with_name("absent"), "model a", 1000)
