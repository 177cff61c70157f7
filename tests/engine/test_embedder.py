from __future__ import annotations

import asyncio
import shutil
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from onnxruntime.capi.onnxruntime_pybind11_state import InvalidArgument

from pisovereign.engine.embedder import Embedder
from pisovereign.engine.embedding_model import MAX_TOKENS
from pisovereign.engine.errors import ModelError, QueueFull
from tests.support.patience import PATIENCE_S


@pytest.fixture(scope="module")
def folder(models_dir: Path) -> Path:
    return models_dir / "all-minilm-l6-v2"


@pytest.fixture(scope="module")
def embedder(folder: Path) -> Iterator[Embedder]:
    loaded = Embedder(folder, "int8")
    yield loaded
    loaded.close()


def vectors(embedder: Embedder, *texts: str) -> np.ndarray:
    return np.array(asyncio.run(embedder.embed(texts))[0])


def test_meaning_is_near_and_lengths_are_one(embedder: Embedder) -> None:
    a, b, c = vectors(embedder, "A cat sits.", "The kitten is sitting.", "Stocks fell sharply.")
    assert np.allclose(np.linalg.norm([a, b, c], axis=1), 1, atol=1e-5)
    assert a @ b > a @ c + 0.2


def test_order_and_batches_do_not_matter(embedder: Embedder) -> None:
    texts = [f"{'word ' * (n * 7 % 23)}number {n}" for n in range(40)]
    together = vectors(embedder, *texts)
    for index in (0, 17, 39):
        alone = vectors(embedder, texts[index])[0]
        # Dynamic quantization has one scale for the whole batch, so a small difference stays.
        assert together[index] @ alone > 0.98


def test_letters_outside_the_native_tables(embedder: Embedder) -> None:
    assert vectors(embedder, "日本語のテキスト", "emoji 👋🏽").shape == (2, 384)


def test_long_texts_are_cut(embedder: Embedder) -> None:
    _, tokens = asyncio.run(embedder.embed(["word " * 1000, "単語 " * 1000, ""]))
    assert tokens == 2 * MAX_TOKENS + 2


def test_large_requests_give_way_to_answers_and_searches_do_not(folder: Path) -> None:
    asked = 0

    def always() -> bool:
        nonlocal asked
        asked += 1
        return True

    own = Embedder(folder, "int8")
    own.give_way_while(always)
    try:
        assert vectors(own, "one search").shape == (1, 384)
        assert asked == 0
        assert vectors(own, "word " * 200, "another " * 200).shape == (2, 384)
        assert asked > 1
    finally:
        own.close()


def test_both_precisions_agree(folder: Path, embedder: Embedder) -> None:
    exact = Embedder(folder, "fp32")
    text = "The quick brown fox jumps over the lazy dog."
    assert vectors(exact, text)[0] @ vectors(embedder, text)[0] > 0.97
    exact.close()


def test_missing_and_damaged_files(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no embedding model file"):
        Embedder(tmp_path, "int8")
    for name in ("vocab.txt", "tokenizer.json"):
        shutil.copy(folder / name, tmp_path)
    (tmp_path / "model-int8.onnx").write_bytes(b"not a graph")
    with pytest.raises(ModelError, match="cannot load"):
        Embedder(tmp_path, "int8")
    shutil.copy(folder / "model-int8.onnx", tmp_path)
    (tmp_path / "unigram.bin").write_bytes(b"not a vocabulary")
    with pytest.raises(ModelError, match="cannot read the tokenizer"):
        Embedder(tmp_path, "int8")
    (tmp_path / "unigram.bin").unlink()
    (tmp_path / "tokenizer.json").write_text("{}")
    with pytest.raises(ModelError, match="cannot read the tokenizer"):
        Embedder(tmp_path, "int8")


def test_it_computes_in_its_own_thread_alone(
    embedder: Embedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where llama.cpp computes in the same thread, one spoils the other's AMX tiles."""
    threads = set()
    real = embedder._run

    def run(tokens: Sequence[Sequence[int]]) -> np.ndarray:
        threads.add(threading.current_thread().name)
        return real(tokens)

    monkeypatch.setattr(embedder, "_run", run)
    embedder.warm_up()
    vectors(embedder, "A cat sits.")
    assert threads == {"embedder_0"}


def test_no_text(embedder: Embedder) -> None:
    assert asyncio.run(embedder.embed([])) == ([], 0)


@pytest.fixture(scope="module")
def exact(folder: Path) -> Iterator[Embedder]:
    loaded = Embedder(folder, "fp32")
    yield loaded
    loaded.close()


def sample(count: int) -> list[str]:
    words = ["boat", "harbor", "light", "storm", "keeper", "Nebel", "Küste", "Möwe"]
    return [" ".join(words[(n * k) % 8] for k in range(1 + n * 5 % 37)) for n in range(count)]


def test_many_callers_at_once_get_what_each_would_alone(exact: Embedder) -> None:
    texts = sample(50)

    async def together() -> list[np.ndarray]:
        calls = [exact.embed(texts), *(exact.embed([text]) for text in texts)]
        return [np.array(rows) for rows, _ in await asyncio.gather(*calls)]

    job, *single = asyncio.run(together())
    alone = np.array([vectors(exact, text)[0] for text in texts])
    assert np.allclose(job, alone, atol=1e-5)
    assert np.allclose(np.concatenate(single), alone, atol=1e-5)


class Batches:
    """Counts the texts of each micro-batch that an embedder begins."""

    def __init__(self, embedder: Embedder, monkeypatch: pytest.MonkeyPatch) -> None:
        self.sizes: list[int] = []
        self._begun = threading.Event()
        self._real = embedder._run
        monkeypatch.setattr(embedder, "_run", self._run)

    def _run(self, tokens: Sequence[Sequence[int]]) -> np.ndarray:
        self.sizes.append(len(tokens))
        self._begun.set()
        return self._real(tokens)

    async def begun(self) -> None:
        """Wait for the first one."""
        assert await asyncio.to_thread(self._begun.wait, PATIENCE_S)


def test_a_search_does_not_wait_for_a_job(
    embedder: Embedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It waits for the micro-batch that is computed; its own may be followed by one before it."""

    async def go() -> None:
        batches = Batches(embedder, monkeypatch)
        job = asyncio.create_task(embedder.embed(sample(400) * 3))
        await batches.begun()
        for _ in range(10):
            before = len(batches.sizes)
            await embedder.embed(["Where does the keeper live?"])
            assert len(batches.sizes) - before <= 3
        assert not job.done()
        await job
        assert len(batches.sizes) > 100

    asyncio.run(go())


def test_a_cancelled_caller_takes_its_texts_along(
    embedder: Embedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def go() -> None:
        batches = Batches(embedder, monkeypatch)
        job = asyncio.create_task(embedder.embed(sample(400) * 10))
        await batches.begun()
        job.cancel()
        with pytest.raises(asyncio.CancelledError):
            await job
        cancelled = len(batches.sizes)
        await embedder.embed(sample(40))
        # One of its micro-batches may just begin; nearly all of its 4,000 texts were left.
        assert sum(batches.sizes[cancelled:]) < 300

    asyncio.run(go())


def test_too_many_waiting_texts_are_refused(embedder: Embedder) -> None:
    async def go() -> None:
        job = asyncio.create_task(embedder.embed(["x"] * 16_384))
        # The job has begun and not one text of it is tokenized.
        await asyncio.sleep(0)
        with pytest.raises(QueueFull) as refused:
            await embedder.embed(["y"] * 16_384)
        assert refused.value.headers["Retry-After"] == "5"
        job.cancel()
        with pytest.raises(asyncio.CancelledError):
            await job
        # What was cancelled while it was being tokenized waits no more.
        assert len(await embedder.embed(["y"])) == 2

    asyncio.run(go())


def test_a_failed_micro_batch_fails_its_callers_only(
    embedder: Embedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = embedder._run

    def run(tokens: Sequence[Sequence[int]]) -> np.ndarray:
        if any(len(text) > 100 for text in tokens):
            raise InvalidArgument("out of memory")
        return real(tokens)

    monkeypatch.setattr(embedder, "_run", run)

    async def go() -> None:
        bad, good = embedder.embed(["word " * 150, "short"]), embedder.embed(["short"])
        failed, kept = await asyncio.gather(bad, good, return_exceptions=True)
        assert isinstance(failed, InvalidArgument)
        assert not isinstance(kept, BaseException)
        assert len(await embedder.embed(["short", "again"])) == 2

    asyncio.run(go())
