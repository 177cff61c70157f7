"""What is left out of prompts that would take too long to be read."""

from __future__ import annotations

from pisovereign.chat.shortening import GAP, Sent, relevant, shortened
from pisovereign.chat.types import Turn
from pisovereign.engine_client.types import Message
from pisovereign.errors import PromptTooSlow

LONG = " ".join(f"Sentence {number} is about the weather of that day." for number in range(100))


def turns(count: int) -> list[Turn]:
    return [
        Turn(seq=at, role="user" if at % 2 == 0 else "assistant", sent=f"{at} " + "word " * 100)
        for at in range(count)
    ]


def sent(message: str = "And now?", *, history: int = 0, notes: str = "") -> Sent:
    newest = f"{notes}{message}"
    return Sent(turns(history), newest, message, message if notes else None, ())


def test_the_oldest_turns_go_first() -> None:
    before = sent(history=10)
    found = shortened(before, PromptTooSlow(2000, 700))
    assert found is not None
    after, what = found
    assert what == "history"
    assert after.newest == before.newest
    assert 0 < len(after.history) < 10
    assert list(after.history) == list(before.history)[-len(after.history) :]
    assert after.history[0].role == "user"


def test_turns_that_the_engine_holds_already_stay() -> None:
    before = sent(LONG, history=10)
    found = shortened(before, PromptTooSlow(1200, 400))
    assert found is not None
    assert found[1] == "message"
    assert found[0].history == before.history


def test_passages_go_before_a_part_of_the_message_does() -> None:
    before = sent("What is in it?", notes="<documents>\n" + "word " * 400 + "\n</documents>\n")
    found = shortened(before, PromptTooSlow(420, 100))
    assert found is not None
    after, what = found
    assert what == "passages"
    assert after.newest == "What is in it?"
    assert shortened(after, PromptTooSlow(420, 100)) is None


def test_results_of_tools_are_cut() -> None:
    before = sent()._replace(after=[Message("tool", "x" * 1000)])
    found = shortened(before, PromptTooSlow(420, 100))
    assert found is not None
    assert found[1] == "results"
    assert len(found[0].after[0].content) <= 500


def test_it_always_comes_to_an_end() -> None:
    now: Sent | None = sent(LONG, history=10, notes="<documents>\nx\n</documents>\n")
    steps = 0
    while now is not None:
        found = shortened(now, PromptTooSlow(5000, 1))
        now = None if found is None else found[0]
        steps += 1
        assert steps < 50


def test_of_a_long_message_stays_what_is_asked_about() -> None:
    asked, told = "When does the ferry to Helsinki leave?", "The ferry to Helsinki leaves at nine."
    text = f"{asked}\n{LONG}\n{told}\n{LONG}"
    short = relevant(text, 1200)
    assert len(short) < 1500
    assert short.startswith(asked)
    assert told in short
    assert GAP in short


def test_text_without_sentences_is_cut_too() -> None:
    short = relevant("What is this?\n" + "word" * 2000 + "\nTell me.", 900)
    assert len(short) < 1100
    assert "What is this?" in short


def test_of_a_message_on_a_very_slow_board_something_stays() -> None:
    found = shortened(sent(LONG), PromptTooSlow(1700, 2))
    assert found is not None
    after, what = found
    assert what == "message"
    assert 50 < len(after.message) < 300
    assert shortened(after, PromptTooSlow(80, 2)) is None
