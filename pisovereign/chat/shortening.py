"""Leaving out of a prompt what would take too long to be read, the least relevant first.

What the engine holds already takes no time, so only what is new counts: turns of a conversation
that it holds no more, then passages of documents, results of tools, and at last parts of a long
message itself.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from pisovereign.chat import prompt
from pisovereign.chat.types import LeftOut, Turn
from pisovereign.engine_client.types import Message
from pisovereign.errors import PromptTooSlow
from pisovereign.languages.pasted_text import own_text
from pisovereign.languages.words import split_words
from pisovereign.tool_use.toolbox import halved

_LEAST_OF_RESULT = 200
"""Characters; a shorter result of a tool is not cut for a prompt to fit."""
# As long a message is read however long that takes, with the marks of what was left out of it.
_LEAST_OF_MESSAGE, _MARKS = 200, 50
# Texts are cut by their bytes, and counted in tokens.
_CAUTION = 0.9
_PIECE = re.compile(r".{1,300}?(?:[.!?…]+(?=\s)|\n+|\Z)|.{1,300}(?:\s|\Z)|.{1,300}", re.DOTALL)
GAP = "[…]"


class Sent(NamedTuple):
    """The parts of a turn that a model is sent: turns before it, newest message, calls of tools.

    `message` is the part of `newest` that the user has written, `without_passages` what is sent
    where there are passages in it: None: there are none.
    """

    history: Sequence[Turn]
    newest: str
    message: str
    without_passages: str | None
    after: Sequence[Message]


def shortened(sent: Sent, error: PromptTooSlow) -> tuple[Sent, LeftOut] | None:
    """Return less, nearer to what can be read in time, and what was left out; None: nothing can be.

    Args:
        sent: What takes too long.
        error: How much of it is new, and how much of that can be read in time.
    """
    own = prompt.estimate_tokens(sent.newest)
    own += sum(prompt.estimate_tokens(each.content) for each in sent.after)
    if sent.history and error.computed > own:
        known = sum(map(prompt.turn_tokens, sent.history))
        budget = min(error.in_time - own, known - 1)
        return sent._replace(history=prompt.drop_old_turns(sent.history, budget)), "history"
    if sent.without_passages is not None:
        newest = sent.without_passages
        return sent._replace(newest=newest, without_passages=None), "passages"
    if (results := with_shorter_results(sent.after)) is not None:
        return sent._replace(after=results), "results"
    most = int(len(sent.message) * _CAUTION * error.in_time / max(1, error.computed))
    if len(sent.message) > _LEAST_OF_MESSAGE + _MARKS:
        most = max(most, _LEAST_OF_MESSAGE)
        message = relevant(sent.message, most)
        newest = sent.newest.removesuffix(sent.message) + message
        return sent._replace(newest=newest, message=message), "message"
    if sent.history:
        return sent._replace(history=()), "history"
    return None


def with_shorter_results(messages: Sequence[Message]) -> list[Message] | None:
    """Return the messages with about half of each long result; None: there is none any more."""
    shorter = [
        msgspec.structs.replace(message, content=halved(message.content))
        if message.role == "tool" and len(message.content) > _LEAST_OF_RESULT
        else message
        for message in messages
    ]
    return None if shorter == list(messages) else shorter


def relevant(text: str, most: int) -> str:
    """Return the parts of a long message that have most to do with what is asked, in their order.

    What is asked is what the user has not pasted, or stands at its beginning and its end.

    Args:
        text: The message.
        most: So many characters at most, without the marks of what was left out.
    """
    pieces = _PIECE.findall(text)
    ends = {0, len(pieces) - 1}
    own = own_text(text)
    asked = own if len(own) < len(text) else " ".join(pieces[at] for at in sorted(ends))
    common = Counter(word for piece in pieces for word in set(split_words(piece)))
    weights = {word: 1 / common[word] for word in split_words(asked) if common[word]}

    def relevance(at: int) -> float:
        words = set(split_words(pieces[at]))
        shared = sum(weights.get(word, 0.0) for word in words)
        return shared / math.sqrt(len(words) or 1)

    kept, room = set[int](), most
    # What is equally relevant is taken from the front.
    for at in sorted(range(len(pieces)), key=lambda at: (at not in ends, -relevance(at), at)):
        if len(pieces[at]) <= room:
            kept.add(at)
            room -= len(pieces[at])
    shown = list[str]()
    for at, piece in enumerate(pieces):
        if at in kept:
            shown.append(piece)
        elif not shown or shown[-1] != f" {GAP} ":
            shown.append(f" {GAP} ")
    return "".join(shown).strip()
