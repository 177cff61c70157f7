"""Rules of a grammar in llama.cpp's form (GBNF), while they are written."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence

from pisovereign.engine.schemas.automaton import Automaton, State, plain

MOST_SIZE = 256 * 1024


class TooLarge(Exception):
    """A grammar that is too large to be used."""


class Rules:
    """A set of named rules. The same right side always gets the same name."""

    def __init__(self) -> None:
        self._bodies: dict[str, str] = {}
        self._names: dict[str, str] = {}
        self._written: dict[Hashable, str] = {}
        self._size = 0

    def add(self, body: str) -> str:
        """Return the name of a rule with this right side.

        Raises:
            TooLarge: there are too many already.
        """
        name = self._names.get(body)
        if name is None:
            name = self.reserve()
            self._names[body] = name
            self.define(name, body)
        return name

    def once(self, key: Hashable, write: Callable[[], str]) -> str:
        """Return what `write` returned when it was called first for this key.

        Rules that refer to themselves have a new name each time, so `add` cannot know them again.
        """
        if key not in self._written:
            self._written[key] = write()
        return self._written[key]

    def reserve(self) -> str:
        """Return a new name, to be defined later: for rules that refer to themselves."""
        name = f"r{len(self._bodies)}"
        self._bodies[name] = ""
        return name

    def define(self, name: str, body: str) -> None:
        """Give a reserved name its right side."""
        self._size += len(body) + len(name) + 6
        if self._size > MOST_SIZE:
            raise TooLarge
        self._bodies[name] = body

    def text(self, root: str) -> str:
        """Return the grammar, whose root is this right side."""
        lines = [f"root ::= {root}", *(f"{name} ::= {body}" for name, body in self._bodies.items())]
        return "\n".join(lines) + "\n"

    def automaton(
        self,
        automaton: Automaton,
        start: State,
        found: Callable[[int], str | None],
        *,
        excluded: str = "\\x00",
        others: Callable[[str], Sequence[str]],
    ) -> str:
        """Write an automaton, and return the name of the rule of its state `start`.

        Args:
            automaton: what to write.
            start: where it begins.
            found: what follows a mark; None: it must not be completed.
            excluded: what no character may be, as it stands in a class of characters.
            others: what may come at any place beside a character, given the rule of no mark begun.
        """
        names: dict[State, str] = {}
        waiting: list[State] = []

        def name_of(state: State) -> str:
            if state not in names:
                names[state] = self.reserve()
                waiting.append(state)
            return names[state]

        idle = name_of(automaton.idle)
        first = name_of(start)
        while waiting:
            state = waiting.pop()
            elsewhere, otherwise = automaton.moves(state)
            parts: list[str] = []
            for target, characters in elsewhere.items():
                mark = automaton.found(target)
                follows = name_of(target) if mark is None else found(mark)
                if follows is not None:
                    parts.append(f"[{characters_of(characters)}] {follows}")
            known = characters_of("".join(elsewhere.values()))
            parts.append(f"[^{excluded}{known}] {name_of(otherwise)}")
            parts += others(idle)
            self.define(names[state], " | ".join(parts))
        return first

    def without(
        self, forbidden: Sequence[str], *, excluded: str, escape: str | None, end: str
    ) -> str:
        """Return an expression for text in which no mark of control tokens is spelled out.

        llama.cpp's grammars see a control token as its name: it could stand in any text otherwise.

        Args:
            forbidden: those marks.
            excluded: what no character may be, as it stands in a class of characters.
            escape: what may stand in place of a character.
            end: what follows.
        """
        if not forbidden:
            one = f"[^{excluded}]" + (f" | {escape}" if escape else "")
            return f"({one})* {end}"

        def others(idle: str) -> list[str]:
            return [end, *([f"{escape} {idle}"] if escape else [])]

        def write() -> str:
            automaton = Automaton([plain(text) for text in forbidden])
            return self.automaton(
                automaton, automaton.start, lambda _: None, excluded=excluded, others=others
            )

        # Most arguments are strings: one set of rules for all of them.
        return self.once(("without", tuple(forbidden), excluded, escape, end), write)


def quoted(text: str) -> str:
    """Return a text as a literal of a grammar."""
    return (
        '"' + "".join(_escaped(c) if c in '"\\' or not c.isprintable() else c for c in text) + '"'
    )


def characters_of(characters: str) -> str:
    """Return characters as they stand in a class of characters."""
    return "".join(c if c.isascii() and c.isalnum() else _escaped(c) for c in characters)


def _escaped(character: str) -> str:
    code = ord(character)
    return f"\\x{code:02X}" if code < 256 else f"\\U{code:08X}"
