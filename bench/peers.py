"""Other libraries' int8 search, each in the fastest way found; those that are not installed miss.

All take the same integers and multiply them; libraries without a top-k are helped out by numpy.

    pip install faiss-cpu numkong simsimd usearch
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from bench.embeddings import Floats

Search = Callable[[Floats], Sequence[int]]


def peers(rows: Floats, k: int) -> dict[str, Search]:
    """Search for the k rows most similar to a question, by name."""
    # usearch comes last: it loads numkong's symbols for all, and simsimd would take them.
    makers = {"faiss": _faiss, "simsimd": _simsimd, "numkong": _numkong, "usearch": _usearch}
    found = [name for name in makers if importlib.util.find_spec(name) is not None]
    integers = _integers(rows) if found else None
    searches: dict[str, Search] = {}
    for name in found:
        searches |= makers[name](integers, k)
    return searches


def _integers(vectors: Floats) -> Any:
    scale = 127.0 / np.abs(vectors).max(axis=-1, keepdims=True)
    return np.rint(vectors * scale).astype(np.int8)


def _faiss(integers: Any, k: int) -> dict[str, Search]:
    import faiss  # noqa: PLC0415 - optional

    faiss.omp_set_num_threads(1)
    direct = faiss.ScalarQuantizer.QT_8bit_direct_signed
    index = faiss.IndexScalarQuantizer(integers.shape[1], direct, faiss.METRIC_INNER_PRODUCT)
    for start in range(0, len(integers), 100_000):
        index.add(integers[start : start + 100_000].astype(np.float32))
    return {
        "faiss": lambda question: index.search(_integers(question[None]).astype(np.float32), k)[1]
    }


def _usearch(integers: Any, k: int) -> dict[str, Search]:
    from usearch.index import MetricKind, search  # noqa: PLC0415 - optional

    def ask(question: Floats) -> Any:
        return search(integers, _integers(question), k, MetricKind.IP, exact=True, threads=1).keys

    return {"usearch": ask}


def _simsimd(integers: Any, k: int) -> dict[str, Search]:
    import simsimd  # noqa: PLC0415 - optional

    return {
        "simsimd": lambda question: _best(
            simsimd.cdist(_integers(question[None]), integers, "dot"), k
        )
    }


def _numkong(integers: Any, k: int) -> dict[str, Search]:
    import numkong  # noqa: PLC0415 - optional

    packed = numkong.dots_pack(integers)
    return {
        "numkong": lambda question: _best(
            numkong.cdist(_integers(question[None]), integers, "dot"), k
        ),
        "numkong packed": lambda question: _best(
            numkong.dots_packed(_integers(question[None]), packed), k
        ),
    }


def _best(scores: Any, k: int) -> Any:
    row = np.asarray(scores)[0]
    best = np.argpartition(row, -k)[-k:]
    return best[np.argsort(-row[best])]
