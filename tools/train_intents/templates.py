"""Random sentences of a template: `[please] (add|put) {item} (to|on) <list>`."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence

_PIECE = re.compile(r"[()\[\]|;]|<[^>]+>|\{[^}]+\}|[^()\[\]|;<>{}]+")
_DEEPEST = 12


class Sampler:
    """Makes sentences of the templates of one language.

    Args:
        rules: What stands for `<rule>`, as templates.
        slots: What stands for `{slot}`: texts to choose from.
        others: What stands for every other slot.
        chance: Decides.
    """

    def __init__(
        self,
        rules: Mapping[str, str],
        slots: Mapping[str, Sequence[str]],
        others: Sequence[str],
        chance: random.Random,
    ) -> None:
        self._rules = rules
        self._slots = slots
        self._others = others
        self._chance = chance

    def sample(self, template: str) -> str:
        """Return one sentence of a template."""
        return " ".join(self._expand(template, 0).split())

    def _expand(self, template: str, depth: int) -> str:
        if depth > _DEEPEST:
            return ""
        text, rest = self._choice(_PIECE.findall(template), depth)
        return text if not rest else text + self._choice(rest, depth)[0]

    def _choice(self, pieces: list[str], depth: int) -> tuple[str, list[str]]:
        """Return one of the alternatives up to a closing bracket, and what follows that."""
        branches = [""]
        while pieces:
            piece, pieces = pieces[0], pieces[1:]
            if piece in ")]":
                break
            if piece in "|;":
                branches.append("")
            elif piece in "([":
                inner, pieces = self._choice(pieces, depth)
                branches[-1] += inner if piece == "(" or self._chance.random() < 0.5 else ""
            elif piece[0] == "<":
                branches[-1] += self._expand(self._rules.get(piece[1:-1], ""), depth + 1)
            elif piece[0] == "{":
                branches[-1] += self._slot(piece[1:-1])
            else:
                branches[-1] += piece
        return self._chance.choice(branches), pieces

    def _slot(self, name: str) -> str:
        return self._chance.choice(self._slots.get(name.split(":", maxsplit=1)[0]) or self._others)
