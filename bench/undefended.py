"""The program without its rules about text of others, as a yardstick for `bench.attacks` alone.

What a stranger wrote counts as the user's own words here: nothing is refused after it was read, and
nothing has to be said to be sent. What changes something still becomes an approval. The product has
no setting for this, and is not to have one.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

from pisovereign.chat import tool_turns
from pisovereign.cli import serve
from pisovereign.tool_use import answer_calls, call_rules


def _nothing(*_: Any, **__: Any) -> None:
    return None


def take_rules_out() -> None:
    """Replace the rules by ones that allow everything."""
    rules: Any = call_rules.CallRules
    rules.after_outside_text = _nothing
    rules.beside_foreign_text = _nothing
    run: Any = answer_calls.AnswerCalls
    run._sends_too_much = lambda *_: False
    turns: Any = tool_turns
    turns._where_outside_text_is = lambda _: "none"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program so."""
    take_rules_out()
    return serve.main(arguments)


if __name__ == "__main__":
    sys.exit(main())
