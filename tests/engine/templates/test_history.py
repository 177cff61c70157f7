from __future__ import annotations

from pisovereign.engine.templates import Segment, Special
from pisovereign.engine.templates.history import (
    AnswerOpening,
    after_front,
    common_front,
    merged,
    opening_of,
)

START, THINK, END = Special("<s>"), Special("<think>"), Special("</think>")
OPENING = AnswerOpening((START, "bot\n"), (THINK, "\n", END, "\n"))


def test_the_rest_is_put_in_where_it_is_missing() -> None:
    asked: list[Segment] = [
        START,
        "user\nbot\n",
        START,
        "bot\nYes",
        START,
        "bot\n",
        THINK,
        "\n",
        END,
        "\nNo",
    ]
    assert OPENING.in_history(asked) == [
        *(START, "user\nbot\n", START, "bot\n", THINK, "\n", END, "\nYes"),
        *(START, "bot\n", THINK, "\n", END, "\nNo"),
    ]
    assert OPENING.in_history(OPENING.in_history(asked)) == OPENING.in_history(asked)
    assert AnswerOpening().in_history(asked) == asked


def test_an_answer_may_begin_with_a_mark() -> None:
    call = Special("<call>")
    assert OPENING.in_history([START, "bot\n", call, "x"]) == [
        *(START, "bot\n", THINK, "\n", END, "\n", call, "x")
    ]


def test_how_an_answer_begins() -> None:
    answer: list[Segment] = [START, "bot\n", THINK, "\n", END, "\n"]
    assert opening_of(answer, [START, "bot\nYes", Special("</s>")]) == OPENING
    assert opening_of(answer, [*answer[:5], "\nYes"]).rest == ()
    assert opening_of(["bot:"], ["bot: Yes"]) == AnswerOpening()


def test_fronts() -> None:
    assert after_front([START, "abc", END], [START, "ab"]) == ["c", END]
    assert after_front([START, "abc"], [START, "b"]) is None
    assert after_front([START], [START, "b"]) is None
    assert common_front([START, "abc", END], [START, "abx", END]) == [START, "ab"]
    assert merged(["a", "", "b", START, "c"]) == ["ab", START, "c"]
