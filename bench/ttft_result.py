"""What `bench.ttft` finds out, and how it is shown.

Percentiles are of the recorded values themselves: differences can be negative, which a histogram of
latencies cannot hold.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from bench.environment import Environment
from bench.first_token import Answer
from bench.report import percentile, table


class Round(msgspec.Struct, frozen=True):
    """One question to each, seconds apart at most."""

    engine: Answer
    api: Answer
    control: Answer

    def equal_work(self) -> bool:
        """Whether all three had the same prompt tokens, and the same of them computed already."""
        answers = (self.engine, self.api, self.control)
        return len({(a.prompt_tokens, a.cached_tokens) for a in answers}) == 1


class Row(msgspec.Struct, frozen=True):
    """A distribution, in milliseconds."""

    name: str
    p50_ms: float
    p90_ms: float
    p99_ms: float
    max_ms: float


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that was measured; rounds with unequal work are counted, not compared."""

    environment: Environment
    model: str
    compared: int
    unequal: int
    prompt_tokens: int
    cached_tokens: int
    rows: list[Row]


def summarize(environment: Environment, model: str, rounds: Sequence[Round]) -> Result:
    """Compare inside each round, then look at the distribution."""
    equal = [r for r in rounds if r.equal_work()]
    if not equal:
        raise RuntimeError("in no round was the engine's work the same for all three")
    columns = {
        "bare engine": [r.engine.seconds for r in equal],
        "API": [r.api.seconds for r in equal],
        "API - engine": [r.api.seconds - r.engine.seconds for r in equal],
        "control: engine - engine": [r.control.seconds - r.engine.seconds for r in equal],
    }
    return Result(
        environment=environment,
        model=model,
        compared=len(equal),
        unequal=len(rounds) - len(equal),
        prompt_tokens=equal[-1].engine.prompt_tokens,
        cached_tokens=equal[-1].engine.cached_tokens,
        rows=[_row(name, values) for name, values in columns.items()],
    )


def _row(name: str, values: Sequence[float]) -> Row:
    shares = (0.5, 0.9, 0.99, 1.0)
    return Row(name, *(round(percentile(values, share) * 1000, 3) for share in shares))


def tables(result: Result) -> str:
    """Return the result for people."""
    machine = result.environment
    by_name = {row.name: row for row in result.rows}
    engine, api = by_name["bare engine"], by_name["API"]
    rows = [[row.name, row.p50_ms, row.p90_ms, row.p99_ms, row.max_ms] for row in result.rows]
    gaps = (api.p50_ms - engine.p50_ms, api.p90_ms - engine.p90_ms, api.p99_ms - engine.p99_ms)
    rows.append(["API's percentile - engine's", *gaps, api.max_ms - engine.max_ms])
    return "\n\n".join(
        (
            f"{machine.cpu}, {machine.cores} cores, load {machine.load_average[0]:.2f} before, "
            f"Python {machine.python}",
            f"{result.model}: {result.compared} rounds compared, {result.unequal} with unequal "
            f"work; {result.prompt_tokens} prompt tokens, {result.cached_tokens} of them cached",
            table(["ms to the first token", "p50", "p90", "p99", "max"], rows),
        )
    )
