"""The prompt: static, then tools, then history, then what is volatile.

The order is a contract. The engine keeps what it has computed for a prompt and reuses the longest
common prefix, so whatever changes (clock, memories) stands beside the newest message, and a turn is
sent again later exactly as it was sent the first time.

What commands answered is sent as results of tools, never as words of the assistant: a model writes
what it reads there again, also when nothing was done.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from pisovereign.chat.types import ANSWERED_BY, Turn
from pisovereign.engine_client.types import Message
from pisovereign.languages import Language, load_traits
from pisovereign.languages.detection import written_language

# The engine counts tokens. Until it has, text is estimated to have one for three bytes (English:
# about four; German: about three), and each message a few more for its role.
BYTES_PER_TOKEN = 3
ROLE_TOKENS = 8


def clock_text(now: dt.datetime) -> str:
    """Return the volatile line that tells the model what day and time it is."""
    return f"It is {now:%A}, {now.day} {now:%B %Y}, {now:%H:%M}."


def language_text(message: str, own: Language) -> str:
    """Return the line that asks for an answer in the language of a message; empty: needless.

    Args:
        message: What is to be answered.
        own: What its writer reads.
    """
    written = written_language(message, own)
    return "" if written is None else load_traits(written).answer


def with_context(message: str, context: str | None) -> str:
    """Return the newest message as the model sees it: volatile text, then the user's words."""
    return f"{context}\n{message}" if context else message


def build(
    system_prompt: str,
    history: Sequence[Turn],
    newest: str,
    *,
    tool_role: bool = True,
    calls: bool = False,
) -> list[Message]:
    """Return the whole prompt in its order.

    Args:
        system_prompt: The static part.
        history: The turns before the newest message, oldest first.
        newest: The newest message as it is sent.
        tool_role: Send results with the role `tool`, which our engine's templates know. Otherwise
            they are marked blocks in the user's message: templates of other servers may refuse a
            result that no assistant has called for, and two messages of one role in a row.
        calls: The model is given tools, so it is also told which it has called, and what they gave.
    """
    messages = [message for turn in history for message in _messages(turn, calls=calls)]
    messages.append(Message("user", newest))
    if not tool_role:
        messages = _in_user_messages(messages)
    return [Message("system", system_prompt), *messages]


def _messages(turn: Turn, *, calls: bool) -> list[Message]:
    if turn.model == ANSWERED_BY:
        return [Message("tool", turn.sent)]
    if turn.tools is None or not calls:
        return [Message(turn.role, turn.sent)]
    rounds = [message for each in turn.tools.rounds for message in each.messages()]
    return [*rounds, Message(turn.role, turn.tools.last)]


def _in_user_messages(messages: Sequence[Message]) -> list[Message]:
    """Return the messages with each result, and what follows it, in the one that it answers.

    Results that an assistant has called for stay, as every server takes them.
    """
    merged: list[Message] = []
    for message in messages:
        shown = message
        if message.role == "tool" and message.tool_call_id is None:
            shown = Message("user", f"<tool_response>\n{message.content}\n</tool_response>")
        if shown.role == "user" and merged and merged[-1].role == "user":
            merged[-1] = Message("user", f"{merged[-1].content}\n{shown.content}")
        else:
            merged.append(shown)
    return merged


def estimate_tokens(text: str) -> int:
    """Return a cautious estimate of the tokens of one message."""
    return len(text.encode()) // BYTES_PER_TOKEN + ROLE_TOKENS


def turn_tokens(turn: Turn) -> int:
    """Return a cautious estimate of the tokens of one turn, with the calls that were made in it."""
    rounds = turn.tools.rounds if turn.tools is not None else []
    called = (
        estimate_tokens(text)
        for each in rounds
        for made in each.calls
        for text in (made.call.function.name + made.call.function.arguments, made.result)
    )
    return estimate_tokens(turn.sent) + sum(called)


def conversation_tokens(system_prompt: str, history: Sequence[Turn]) -> int:
    """Return the tokens of everything before the newest message.

    The engine's count of the last answered turn is exact, so only what came after it is guessed.
    """
    total = 0
    for turn in reversed(history):
        if turn.role == "assistant" and turn.prompt_tokens is not None:
            return total + turn.prompt_tokens + (turn.completion_tokens or 0) + ROLE_TOKENS
        total += turn_tokens(turn)
    return total + estimate_tokens(system_prompt)


def drop_old_turns(history: Sequence[Turn], budget: int) -> list[Turn]:
    """Return the newest turns within `budget` estimated tokens, starting with a user's message."""
    kept: list[Turn] = []
    used = 0
    for turn in reversed(history):
        used += turn_tokens(turn)
        if used > budget:
            break
        kept.append(turn)
    kept.reverse()
    while kept and kept[0].role != "user":
        kept.pop(0)
    return kept


def fit(
    system_prompt: str, history: Sequence[Turn], newest: str, *, context: int, reserve: int
) -> list[Turn]:
    """Return the history to send: all of it while it fits, else at most half of the window.

    One large step instead of one turn at a time: a window that slides with each turn would change
    the prompt's start each time and throw the reusable prefix away.

    Args:
        system_prompt: The static part.
        history: All turns of the current window, oldest first.
        newest: The newest message as it will be sent.
        context: The model's context length in tokens.
        reserve: Tokens to keep free for the answer.
    """
    need = conversation_tokens(system_prompt, history) + estimate_tokens(newest) + reserve
    if need <= context:
        return list(history)
    free = context - estimate_tokens(system_prompt) - estimate_tokens(newest) - reserve
    return drop_old_turns(history, max(0, min(free, context // 2)))
