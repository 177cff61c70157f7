"""The system prompt on the disk: restarts of real engines, and files that must not be used."""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from pisovereign.engine.llama import Context, Entry, Model
from pisovereign.engine.saved_prompt import SavedPrompt
from pisovereign.engine.saved_prompt_file import pack, read
from pisovereign.engine.snapshots import Snapshot, Snapshots
from pisovereign.engine_client.types import Message
from tests.engine.support import PUBLIC_PROMPT, EngineProcess, public_prompt_hash

TOKENS = list(range(1000, 1040))
LIMIT = 10 << 20


def identity(model: str = "a") -> dict[str, str]:
    return {"model": model, "prompt": "p"}


def compute_and_keep(context: Context, folder: Path, tokens: list[int], model: str = "a") -> Path:
    """Have a prompt computed and written; returns the file."""
    before = set(folder.iterdir())
    context.truncate(0, 0)
    context.decode([Entry(0, 0, tokens, sample=False)])
    kept = SavedPrompt(context, folder, identity(model))
    kept.keep(0, Snapshot(None, tokens, context.save(0)))
    kept.close()
    assert context.state_size(0) == context.save(0).nbytes, "the sequence is as it was"
    context.truncate(0, 0)
    (made,) = set(folder.iterdir()) - before
    return made


def recalled(context: Context, folder: Path, model: str = "a") -> Snapshots:
    snapshots = Snapshots(LIMIT)
    SavedPrompt(context, folder, identity(model)).recall(snapshots)
    return snapshots


def test_it_comes_back(context: Context, tmp_path: Path) -> None:
    made = compute_and_keep(context, tmp_path, TOKENS)
    assert made.stat().st_mode & 0o777 == 0o600
    snapshots = recalled(context, tmp_path)
    assert snapshots.has(None, TOKENS)
    assert not snapshots.has("somebody", TOKENS)


def test_logits_behind_it_are_those_of_a_cold_run(context: Context, tmp_path: Path) -> None:
    more = [7, 8, 9]
    (cold,) = context.decode([Entry(1, 0, TOKENS + more, sample=True)])
    cold = cold.copy()
    made = compute_and_keep(context, tmp_path, TOKENS)
    kept = read(made, SavedPrompt(context, tmp_path, identity()).identity, LIMIT)
    assert context.restore(0, kept.state)
    (warm,) = context.decode([Entry(0, len(TOKENS), more, sample=True)])
    assert (warm == cold).all()


def test_without_a_file_nothing_happens(context: Context, tmp_path: Path) -> None:
    assert len(recalled(context, tmp_path)) == 0
    assert len(recalled(context, tmp_path / "absent")) == 0


def damage(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1000])


def empty(path: Path) -> None:
    path.write_bytes(b"")


def swell(path: Path) -> None:
    path.write_bytes(path.read_bytes() + bytes(2 * LIMIT))


@pytest.mark.parametrize("harm", [damage, cut, empty, swell])
def test_a_file_that_was_harmed_is_removed(
    context: Context,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    harm: Callable[[Path], None],
) -> None:
    made = compute_and_keep(context, tmp_path, TOKENS)
    harm(made)
    with caplog.at_level(logging.WARNING, "pisovereign.engine.saved_prompt"):
        assert len(recalled(context, tmp_path)) == 0
    assert len(caplog.records) == 1
    assert "left out" in caplog.text
    assert not made.exists()
    assert compute_and_keep(context, tmp_path, TOKENS) == made


def test_a_file_of_another_model_is_removed(context: Context, tmp_path: Path) -> None:
    ours = compute_and_keep(context, tmp_path, TOKENS)
    theirs = compute_and_keep(context, tmp_path, TOKENS, "b")
    assert ours != theirs
    ours.write_bytes(theirs.read_bytes())
    assert len(recalled(context, tmp_path)) == 0
    assert not ours.exists()
    assert len(recalled(context, tmp_path, "b")) == 1


def test_a_state_that_is_not_the_prompts_is_removed(context: Context, tmp_path: Path) -> None:
    """Whole and with the right names, but computed from something else."""
    made = compute_and_keep(context, tmp_path, TOKENS)
    own = SavedPrompt(context, tmp_path, identity()).identity
    right = read(made, own, LIMIT)
    other = compute_and_keep(context, tmp_path, [*TOKENS[:20], 5, *TOKENS[21:]], "b")
    wrong = read(other, SavedPrompt(context, tmp_path, identity("b")).identity, LIMIT)
    broken: tuple[dict[str, Any], ...] = (
        {"state": wrong.state},
        {"state": right.state[:-4]},
        {"state": right.state[:0]},
        {"tokens": right.tokens[:-1]},
        {"tokens": [1 << 30, *right.tokens[1:]]},
        {"tokens": [1] * 2000},
    )
    for changed in broken:
        made.write_bytes(pack(dataclasses.replace(right, **changed)))
        assert len(recalled(context, tmp_path)) == 0, changed.keys()
        assert not made.exists()


def test_another_layout_is_another_file(context: Context, model: Model, tmp_path: Path) -> None:
    made = compute_and_keep(context, tmp_path, TOKENS)
    context.layout += " otherwise"
    assert len(recalled(context, tmp_path)) == 0
    assert made.exists()


def test_the_newest_few_are_kept(context: Context, tmp_path: Path) -> None:
    stale = tmp_path / ".0.prompt.1234"
    stale.write_bytes(b"what a sudden end left")
    (tmp_path / "others.txt").write_bytes(b"not ours")
    made = []
    for n in range(5):
        context.truncate(0, 0)
        context.decode([Entry(0, 0, TOKENS, sample=False)])
        kept = SavedPrompt(context, tmp_path, identity(str(n)))
        kept.keep(0, Snapshot(None, TOKENS, context.save(0)))
        kept.close()
        made.append(kept.path)
    assert set(tmp_path.iterdir()) == {*made[2:], tmp_path / "others.txt"}


def test_a_folder_that_cannot_be_written(
    context: Context, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_bytes(b"")
    context.decode([Entry(0, 0, TOKENS, sample=False)])
    kept = SavedPrompt(context, tmp_path / "file" / "below", identity())
    with caplog.at_level(logging.WARNING, "pisovereign.engine.saved_prompt"):
        kept.recall(Snapshots(LIMIT))
        kept.keep(0, Snapshot(None, TOKENS, context.save(0)))
        kept.close()
    first, second = caplog.messages
    assert "cannot be read" in first
    assert "not kept" in second


SYSTEM = Message("system", PUBLIC_PROMPT)


@pytest.fixture
def engines(models_dir: Path, tmp_path: Path) -> Iterator[Callable[[], EngineProcess]]:
    """Starts an engine on the same folder, after the one before ended."""
    running: list[EngineProcess] = []

    def start(folder: Path = tmp_path) -> EngineProcess:
        for engine in running:
            engine.stop()
        running[:] = [
            EngineProcess(
                models_dir,
                f"--state-dir={folder}",
                "--model-identity=b179c952",
                f"--public-prompt={public_prompt_hash()}",
            )
        ]
        return running[0]

    yield start
    for engine in running:
        engine.stop()


def first_turn(engine: EngineProcess, user: str, text: str) -> tuple[str, int]:
    """What an engine says to a user's first words, and how many tokens it had computed before."""
    messages = [SYSTEM, Message("user", text)]
    pieces, end = engine.chat("", messages=messages, prompt_cache_key=user, max_tokens=10)
    details = end.usage.prompt_tokens_details
    return "".join(pieces), details.cached_tokens if details else 0


def test_the_first_turn_after_a_restart_finds_the_prompt(
    engines: Callable[..., EngineProcess], tmp_path: Path
) -> None:
    cold = first_turn(engines(), "alice", "Who wrote Faust?")
    assert cold[1] == 0
    engine = engines()
    assert engine.get("/health")["cache_entries"] == 1
    assert engine.get("/health")["cached_tokens"] == 0
    text, cached = first_turn(engine, "bob", "Who wrote Faust?")
    assert text == cold[0]
    # `<|im_start|>system`, the prompt, its end: all of it.
    assert cached >= len(PUBLIC_PROMPT.split()) + 4
    (made,) = tmp_path.glob("*.prompt")
    damage(made)
    assert first_turn(engines(), "bob", "Who wrote Faust?") == cold


def test_it_holds_nothing_of_what_users_wrote(
    engines: Callable[..., EngineProcess], tmp_path: Path
) -> None:
    """Two users with other words leave the same bytes."""
    kept = []
    for user, text in (("alice", "My secret is 7."), ("bob", "Ich schreibe etwas ganz anderes.")):
        folder = tmp_path / user
        folder.mkdir()
        engine = engines(folder)
        first_turn(engine, user, text)
        engine.stop()
        (made,) = folder.glob("*.prompt")
        kept.append(made.read_bytes())
    assert kept[0] == kept[1]
