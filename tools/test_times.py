"""How long tests took: the slowest of them, and the seconds by package."""

from collections import defaultdict
from collections.abc import Mapping

SLOWEST = 10


def lines(tests: Mapping[str, float], took_s: float) -> list[str]:
    """Return what is printed at the end of a run.

    Args:
        tests: The seconds of each test, by pytest's name of it, with what was set up for it.
        took_s: How long all of it took, by the clock.
    """
    packages: dict[str, float] = defaultdict(float)
    for test, seconds in tests.items():
        packages[package_of(test)] += seconds
    parts = [f"{name} {seconds:.0f}" for name, seconds in _most_first(packages) if seconds > 1]
    return [
        "slowest: seconds with the fixtures that were made for it",
        *(f"{seconds:7.1f} {test}" for test, seconds in _most_first(tests)[:SLOWEST]),
        f"seconds by package: {', '.join(parts)}",
        f"{len(tests)} tests in {clock(took_s)}",
    ]


def _most_first(seconds: Mapping[str, float]) -> list[tuple[str, float]]:
    return sorted(seconds.items(), key=lambda entry: (-entry[1], entry[0]))


def package_of(test: str) -> str:
    """Return the folder of `tests/` in which a test lies."""
    parts = test.partition("::")[0].split("/")
    return parts[1] if len(parts) > 2 else parts[0]


def clock(seconds: float) -> str:
    """Return a time as minutes and seconds."""
    return f"{int(seconds) // 60}:{int(seconds) % 60:02}"
