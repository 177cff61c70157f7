"""Count the Python lines of rules for languages: `python -m tools.language_lines`.

What is known of a language is data; these packages hold the mechanisms that read it. More than
`MOST` lines of them are an error.
"""

from __future__ import annotations

import sys
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent.parent / "pisovereign"
# Patterns of the files that interpret what people write.
COUNTED = (
    "parsing/**/*.py",
    "languages/**/*.py",
    "dialogue/**/*.py",
    "agents/planning/**/*.py",
    "memory/statement*.py",
)
MOST = 4500


def count(package: Path = PACKAGE) -> dict[str, int]:
    """Return the lines of each counted part, by its pattern."""
    return {
        pattern: sum(
            len(path.read_text(encoding="utf-8").splitlines()) for path in package.glob(pattern)
        )
        for pattern in COUNTED
    }


def main() -> int:
    """Print the lines of each part; return 1 if they are too many."""
    lines = count()
    for pattern, number in lines.items():
        print(f"{number:6}  {pattern.split('/*')[0]}")
    total = sum(lines.values())
    print(f"{total:6}  of at most {MOST}")
    return int(total > MOST)


if __name__ == "__main__":
    sys.exit(main())
