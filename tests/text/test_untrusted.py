"""Text that others wrote stays on its line and between its tags."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pisovereign.text.untrusted import delimited, one_line, quote_results

HOSTILE = (
    st.text(st.sampled_from("<>/results＜＞﹤﹥\n\r\u2028\x85\x0b- :|"), max_size=200) | st.text()
)


@given(st.lists(st.tuples(HOSTILE, HOSTILE), max_size=6), st.integers(1, 1500))
def test_every_result_is_one_line_between_the_tags(
    results: list[tuple[str, str]], most: int
) -> None:
    lines = quote_results(results, most).splitlines()
    assert lines[0] == "<results>"
    assert lines[-1] == "</results>"
    assert len(lines) <= 3 + len(results)
    assert all(line.startswith("- ") for line in lines[2:-1])
    assert "".join(lines).count("<") == "".join(lines).count(">") == 2


def test_results_without_room_are_cut() -> None:
    quoted = quote_results([("first", "x" * 50), ("second", "y" * 50), ("third", "z")], 60)
    assert "x" * 50 in quoted
    assert "second" in quoted
    assert "y" * 50 not in quoted
    assert "third" not in quoted


@given(HOSTILE)
def test_one_line_holds_no_tag(text: str) -> None:
    line = one_line(text, 20)
    assert len(line) <= 20
    assert not set(line) & set("<>＜＞﹤﹥\n\r")


def test_lines_are_between_the_tags() -> None:
    assert delimited("notes", "Data.", ["- a"]) == "<notes>\nData.\n- a\n</notes>"
