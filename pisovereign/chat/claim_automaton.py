"""An automaton over the words of an answer that says from where on it may become a claim.

It is compiled from the forms of a language, which are data, and looked up word by word: how often a
sentence goes on does not matter. It knows nothing of what makes a claim untrue again (a question, a
denial), so it holds a little more than has to be; `ClaimDetector` decides where a sentence ends.
"""

from __future__ import annotations

import bisect
import functools
from collections.abc import Iterable, Mapping, Sequence

from pisovereign.chat.claim_data import (
    BREAK,
    CLAUSE_END,
    GAP,
    LONGEST_GAP,
    SHOWN_BEFORE,
    WORD,
    claim_data,
    entries,
)
from pisovereign.languages import Language

_OTHER = ""
"""What stands for every word that no form names."""
_WORD_GOES_ON = "'’-"


class _Graph:
    """The forms as a graph of nodes; a word leads from one to others.

    Attributes:
        held: The nodes from which on what was said is held.
        ends: The nodes at which a form is complete.
    """

    def __init__(self) -> None:
        self._edges: list[dict[str, list[int]]] = []
        self._free: list[list[int]] = []  # where one gets without a word
        self._any: list[list[int]] = []  # where any word leads
        self.held: set[int] = set()
        self.ends: set[int] = set()

    @property
    def size(self) -> int:
        """Return how many nodes there are."""
        return len(self._edges)

    def node(self, *, held: bool = False) -> int:
        """Add a node, and return its number."""
        self._edges.append({})
        self._free.append([])
        self._any.append([])
        number = len(self._edges) - 1
        if held:
            self.held.add(number)
        return number

    def connect(self, start: int, phrases: Iterable[str], end: int, *, held: bool) -> None:
        """Let each of the phrases lead from one node to another."""
        for phrase in phrases:
            *words, last = phrase.split()
            at = start
            for word in words:
                on = self.node(held=held)
                self._edges[at].setdefault(word, []).append(on)
                at = on
            self._edges[at].setdefault(last, []).append(end)

    def let_through(self, start: int, ends: Iterable[int]) -> None:
        """Let nothing at all lead from one node to others."""
        self._free[start].extend(ends)

    def add(self, start: int, form: str, lists: Mapping[str, Sequence[str]]) -> int:
        """Add a form from a node on, and return the node at which it is complete."""
        at, held = start, SHOWN_BEFORE not in form.split()
        for part in form.split():
            if part == SHOWN_BEFORE:
                held = True
                continue
            end = self.node(held=held)
            if part == GAP:
                self._free[at].append(end)
                for _ in range(LONGEST_GAP):
                    on = self.node(held=held)
                    self._any[at].append(on)
                    self._free[on].append(end)
                    at = on
            elif part.endswith("*"):
                self._free[at].append(end)
                self.connect(end, lists[part.strip("<>*")], end, held=held)
            else:
                phrases = lists[part.strip("<>")] if part.startswith("<") else [part]
                self.connect(at, phrases, end, held=held)
            at = end
        return at

    def closed(self, nodes: Iterable[int]) -> frozenset[int]:
        """Return the nodes, and those that are reached from them without a word."""
        found, left = set[int](), list(nodes)
        while left:
            node = left.pop()
            if node not in found:
                found.add(node)
                left.extend(self._free[node])
        return frozenset(found)

    def after(self, nodes: frozenset[int], word: str) -> frozenset[int]:
        """Return the nodes to which a word leads; the end of a clause loses none of them."""
        on = [each for node in nodes for each in self._edges[node].get(word, ())]
        if word == BREAK:
            return self.closed([*on, *nodes])
        return self.closed([*on, *(each for node in nodes for each in self._any[node])])

    def words(self, nodes: Iterable[int]) -> set[str]:
        """Return the words that lead on from nodes, without those that any word leads to."""
        return {word for node in nodes for word in self._edges[node]}


class _State:
    """A state of the automaton: what the words since one of them may still become.

    Attributes:
        held: It may become a claim, so that the words are held.
        claims: It is one.
        expected: The words that lead to what is held, in their order.
    """

    __slots__ = ("claims", "expected", "held", "nodes", "on")

    def __init__(self, nodes: frozenset[int], *, held: bool, claims: bool) -> None:
        self.nodes = nodes
        self.held = held
        self.claims = claims
        self.on: dict[str, _State | None] = {}
        self.expected: list[str] | None = None


class ClaimAutomaton:
    """The forms of one language, of which the states that texts lead to are kept.

    Args:
        claims: Forms that count anywhere in a sentence.
        openings: Forms that count at its beginning.
        headings: Words that count there where a clause ends behind them.
        acceptance: What says yes to what the sentence after it claims.
        lists: The lists of words that forms name.
        contractions: Words that stand for several.
    """

    def __init__(
        self,
        *,
        claims: Iterable[str],
        openings: Iterable[str] = (),
        headings: Iterable[str] = (),
        acceptance: Iterable[str] = (),
        lists: Mapping[str, Sequence[str]] | None = None,
        contractions: Mapping[str, str] | None = None,
    ) -> None:
        self._graph = graph = _Graph()
        self.contractions = contractions or {}
        anywhere, beginning = graph.node(), graph.node()
        for form in claims:
            graph.ends.add(graph.add(anywhere, form, lists or {}))
        for form in openings:
            graph.ends.add(graph.add(beginning, form, lists or {}))
        heading, end = graph.node(held=True), graph.node(held=True)
        graph.connect(beginning, headings, heading, held=True)
        graph.connect(heading, [BREAK], end, held=True)
        graph.ends.add(end)
        accepted = graph.node(held=True)
        for start in (beginning, accepted):
            graph.connect(start, acceptance, accepted, held=True)
        # "Sure, I have set it" is held from "sure" on.
        graph.let_through(accepted, (anywhere, beginning))
        self._named = frozenset(graph.words(range(graph.size)))
        self._states: dict[frozenset[int], _State] = {}
        self.anywhere = self._state(graph.closed([anywhere]))
        self.beginning = self._state(graph.closed([anywhere, beginning]))

    def _state(self, nodes: frozenset[int]) -> _State:
        state = self._states.get(nodes)
        if state is None:
            graph = self._graph
            held, claims = not nodes.isdisjoint(graph.held), not nodes.isdisjoint(graph.ends)
            state = self._states[nodes] = _State(nodes, held=held, claims=claims)
        return state

    def after(self, state: _State, word: str) -> _State | None:
        """Return what a state becomes with a word; None: nothing any more."""
        word = word if word in self._named else _OTHER
        try:
            return state.on[word]
        except KeyError:
            nodes = self._graph.after(state.nodes, word)
            found = state.on[word] = self._state(nodes) if nodes else None
            return found

    def may_hold(self, state: _State, begun: str) -> bool:
        """Return whether a word that has only begun may lead to what is held."""
        expected = state.expected
        if expected is None:
            words = self._graph.words(state.nodes) - {BREAK}
            leading = {word for word in words if (on := self.after(state, word)) and on.held}
            leading |= {
                short for short, long in self.contractions.items() if long.split()[0] in leading
            }
            expected = state.expected = sorted(leading)
        at = bisect.bisect_left(expected, begun)
        return at < len(expected) and expected[at].startswith(begun)


@functools.cache
def load_automaton(language: Language) -> ClaimAutomaton:
    """Return the automaton of a language's claims."""
    data = claim_data(language)
    lists = {name: sorted(entries(text)) for name, text in data.words.items()}
    return ClaimAutomaton(
        claims=data.forms.claims,
        openings=data.forms.openings,
        headings=[*lists.get("finished", lists["done"]), *lists["do"]],
        acceptance=lists["acceptance"],
        lists=lists,
        contractions=data.contractions,
    )


class SentenceWatch:
    """Follows one sentence through automata, and says from where on it is to be held.

    Args:
        automata: Those of the languages, and of what else is not to be told.
    """

    def __init__(self, automata: Iterable[ClaimAutomaton]) -> None:
        self._followed = [_Followed(automaton) for automaton in automata]
        self._read = self._words = 0  # characters and words that were read
        self._accepted = False

    def begin(self) -> None:
        """Begin a new sentence."""
        self._read = 0
        self._words = 0
        self._accepted = False
        for each in self._followed:
            each.begin()

    def go_on(self, read: int) -> None:
        """Begin a sentence that is decided together with what was accepted before it.

        Args:
            read: How long that is, in characters.
        """
        self.begin()
        self._read = read
        self._accepted = True

    def held_from(self, text: str) -> int:
        """Return from which character on a sentence is held; its length: nothing of it.

        Args:
            text: All that there is of the sentence; what was given before has not changed.
        """
        begun = len(text)
        while found := WORD.search(text, self._read):
            if _goes_on(text, found.end()):
                begun = found.start()
                break
            if CLAUSE_END.search(text, self._read, found.start()):
                self._take(BREAK, found.start())
            self._take(found[0].casefold().replace("’", "'").strip("'"), found.start())
            self._read = found.end()
            self._words += 1
        word = text[begun:].casefold().replace("’", "'")
        held = [each.held_from(word, begun) for each in self._followed]
        first = min((start for start in held if start is not None), default=len(text))
        if self._accepted and (first < len(text) or not self._words):
            return 0
        self._accepted = False
        return first

    def _take(self, word: str, start: int) -> None:
        for each in self._followed:
            each.take(word, start)


class _Followed:
    """One automaton, and what the words of a sentence may become in it."""

    def __init__(self, automaton: ClaimAutomaton) -> None:
        self._automaton = automaton
        self._open: dict[_State, int | None] = {}  # from where each is held
        self._claimed: int | None = None
        self._start = automaton.beginning

    def begin(self) -> None:
        """Begin a new sentence."""
        self._open.clear()
        self._claimed = None
        self._start = self._automaton.beginning

    def take(self, word: str, start: int) -> None:
        """Take a whole word, or the end of a clause."""
        automaton = self._automaton
        if word == BREAK:
            self._step(BREAK, start, self._open)
            return
        for part in automaton.contractions.get(word, word).split():
            self._step(part, start, {**self._open, self._start: None})
            self._start = automaton.anywhere

    def _step(self, word: str, start: int, states: Mapping[_State, int | None]) -> None:
        after: dict[_State, int | None] = {}
        for state, since in states.items():
            on = self._automaton.after(state, word)
            if on is None:
                continue
            held = None
            if on.held:
                held = start if since is None else since
            if on.claims and held is not None:
                self._claimed = held if self._claimed is None else min(held, self._claimed)
            known = after.get(on)
            if known is not None:
                held = known if held is None else min(known, held)
            after[on] = held
        self._open = after

    def held_from(self, begun: str, start: int) -> int | None:
        """Return from where on the sentence is held; None: nowhere.

        Args:
            begun: A word that may not be complete; empty: there is none.
            start: Where it begins.
        """
        held = [since for since in (*self._open.values(), self._claimed) if since is not None]
        if held:
            return min(held)
        if begun and any(
            self._automaton.may_hold(state, begun) for state in (*self._open, self._start)
        ):
            return start
        return None


def _goes_on(text: str, end: int) -> bool:
    """Return whether a word that ends at `end` may go on with what comes."""
    return end == len(text) or (text[end] in _WORD_GOES_ON and end + 1 == len(text))
