"""The prompt's order is a contract, and trimming happens in one large step."""

from __future__ import annotations

import datetime as dt

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from pisovereign.chat import prompt
from pisovereign.chat.types import Turn

SYSTEM = "You are helpful."


def turns(*texts: str, first: int = 1) -> list[Turn]:
    roles = ("user", "assistant")
    return [
        Turn(seq=first + i, role=roles[i % 2], sent=text)  # type: ignore[arg-type]
        for i, text in enumerate(texts)
    ]


def test_static_comes_first_and_volatile_last() -> None:
    newest = prompt.with_context("And now?", "[Monday]")
    built = prompt.build(SYSTEM, turns("Hi", "Hello"), newest)
    assert [(m.role, m.content) for m in built] == [
        ("system", SYSTEM),
        ("user", "Hi"),
        ("assistant", "Hello"),
        ("user", "[Monday]\nAnd now?"),
    ]


def answered_by_a_command() -> list[Turn]:
    said, done = turns("Remind me at 8: bins", "I will remind you today at 08:00: bins")
    return [said, msgspec.structs.replace(done, model="commands")]


def test_what_commands_answered_is_no_words_of_the_assistant() -> None:
    built = prompt.build(SYSTEM, answered_by_a_command(), "Thanks")
    assert [(m.role, m.content) for m in built[1:]] == [
        ("user", "Remind me at 8: bins"),
        ("tool", "I will remind you today at 08:00: bins"),
        ("user", "Thanks"),
    ]


def test_without_the_role_results_are_marked_in_the_users_message() -> None:
    history = [*turns("Hi", "Hello"), *answered_by_a_command()]
    built = prompt.build(SYSTEM, history, "Thanks", tool_role=False)
    assert [(m.role, m.content) for m in built[1:]] == [
        ("user", "Hi"),
        ("assistant", "Hello"),
        (
            "user",
            "Remind me at 8: bins\n<tool_response>\nI will remind you today at 08:00: bins\n"
            "</tool_response>\nThanks",
        ),
    ]


def test_clock_at_midnight_utc() -> None:
    assert prompt.clock_text(dt.datetime(2026, 1, 1, 0, 0, tzinfo=dt.UTC)) == (
        "It is Thursday, 1 January 2026, 00:00."
    )


TEXTS = st.lists(st.text(min_size=1, max_size=200), max_size=12).map(lambda t: t[: len(t) // 2 * 2])


@given(
    TEXTS,
    st.text(min_size=1, max_size=100),
    st.text(min_size=1, max_size=100),
    st.sets(st.integers(0, 12)),
    st.booleans(),
)
def test_the_next_prompt_starts_with_this_one(
    texts: list[str], message: str, answer: str, by_commands: set[int], tool_role: bool
) -> None:
    history = [
        msgspec.structs.replace(turn, model="commands")
        if turn.role == "assistant" and at in by_commands
        else turn
        for at, turn in enumerate(turns(*texts))
    ]
    newest = prompt.with_context(message, "[Monday]")
    now = prompt.build(SYSTEM, history, newest, tool_role=tool_role)
    later = [
        *history,
        Turn(seq=100, role="user", sent=prompt.with_context(message, "[Monday]")),
        Turn(seq=101, role="assistant", sent=answer),
    ]
    following = prompt.build(
        SYSTEM, later, prompt.with_context("next", "[Tuesday]"), tool_role=tool_role
    )
    assert following[: len(now)] == now


@given(TEXTS, st.integers(64, 2000))
def test_what_is_kept_is_the_newest_part_and_starts_with_the_user(
    texts: list[str], context: int
) -> None:
    history = turns(*texts)
    kept = prompt.fit(SYSTEM, history, "new", context=context, reserve=context // 4)
    assert kept == history[len(history) - len(kept) :]
    assert not kept or kept[0].role == "user"


def test_nothing_is_dropped_while_it_fits() -> None:
    history = turns("a" * 30, "b" * 30)
    assert prompt.fit(SYSTEM, history, "c", context=500, reserve=100) == history


def test_one_large_step_leaves_room_for_many_turns() -> None:
    history = turns(*("x" * 90 for _ in range(40)))  # 38 tokens each by estimate
    kept = prompt.fit(SYSTEM, history, "new", context=1000, reserve=250)
    used = sum(prompt.estimate_tokens(t.sent) for t in kept)
    assert 300 < used <= 500
    grown = [*kept, *turns("y" * 90, "z" * 90, first=41)]
    assert prompt.fit(SYSTEM, grown, "new", context=1000, reserve=250) == grown


def test_the_engines_own_count_wins_over_the_guess() -> None:
    answered = Turn(seq=2, role="assistant", sent="b", prompt_tokens=700, completion_tokens=50)
    history = [*turns("a"), answered]
    assert prompt.conversation_tokens(SYSTEM, history) == 750 + prompt.ROLE_TOKENS
    assert prompt.fit(SYSTEM, history, "new", context=2000, reserve=500) == history


def test_an_answer_is_asked_for_in_the_language_of_the_question() -> None:
    assert prompt.language_text("Warum ist der Himmel blau?", "de") == "Antworte auf Deutsch."
    assert prompt.language_text("Paris?", "fr") == "Réponds en français."
    assert prompt.language_text("Why is the sky blue?", "de") == ""
