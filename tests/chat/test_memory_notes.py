"""The notes about memories, whatever these say."""

from __future__ import annotations

from uuid import UUID, uuid4

from hypothesis import given
from hypothesis import strategies as st

from pisovereign.chat.memory_notes import MOST_BYTES, MOST_CHARACTERS, NO_NOTES, write_notes
from pisovereign.chat.prompt import with_context
from pisovereign.chat.types import Turn
from pisovereign.chat.untrusted_turns import holds_untrusted_text, without_untrusted_text
from pisovereign.memory.types import KINDS, Kind, MemoryText, RecalledMemory

HOSTILE = st.text(st.sampled_from("<>/memories＜＞\n\r\u2028\x85\x0b- :|"), min_size=1)
TEXT = st.text(min_size=1, max_size=900) | HOSTILE


def recalled(content: str, summary: str = "s", kind: Kind = "fact") -> RecalledMemory:
    return RecalledMemory(uuid4(), kind, MemoryText(content, summary, []), 0.5)


@given(st.lists(st.tuples(TEXT, TEXT, st.sampled_from(KINDS)), max_size=6), st.integers(-5, 1500))
def test_every_memory_is_one_line_inside(
    memories: list[tuple[str, str, Kind]], most_bytes: int
) -> None:
    notes = write_notes([recalled(*memory) for memory in memories], most_bytes)
    if notes.text is None:
        assert not notes.used
        return
    assert len(notes.text.encode(errors="surrogatepass")) <= most_bytes
    lines = notes.text.splitlines()
    assert lines[0] == "<memories>"
    assert lines[-1] == "</memories>"
    assert len(lines) == 3 + len(notes.used)
    assert notes.text.count("<") == notes.text.count(">") == 2
    assert all(line.startswith("- ") for line in lines[2:-1])
    assert all(len(line) <= MOST_CHARACTERS + 20 for line in lines[2:-1])


@given(st.lists(st.tuples(TEXT, st.sampled_from(KINDS)), max_size=6), st.text())
def test_notes_that_were_written_down_tell_whether_a_tool_gave_some(
    memories: list[tuple[str, Kind]], said: str
) -> None:
    """Also those of a message that was never answered, so that no answer says it."""
    notes = write_notes([recalled(text, kind=kind) for text, kind in memories], 100_000)
    sent = with_context(said, notes.text)
    turn = Turn(seq=1, role="user", sent=sent, said=said)
    assert holds_untrusted_text(turn) == notes.outside_text
    (without,) = without_untrusted_text([turn])
    assert without.sent == said


def test_what_has_no_room_is_left_out_and_not_named() -> None:
    memories = [recalled("a" * 390), recalled("b" * 390), recalled("c" * 390), recalled("short")]
    notes = write_notes(memories, MOST_BYTES)
    assert notes.text is not None
    assert [used.id for used in notes.used] == [memories[i].id for i in (0, 1, 3)]
    assert "c" * 390 not in notes.text


def test_of_a_long_text_the_summary_is_told() -> None:
    notes = write_notes([recalled("x" * 5000, "the letter x")], MOST_BYTES)
    assert notes.text is not None
    assert "- Fact: the letter x" in notes.text.splitlines()
    notes = write_notes([recalled("x" * 5000, "y" * 2000)], MOST_BYTES)
    assert notes.text is not None
    assert "…" in notes.text


def test_no_memories_make_no_notes() -> None:
    assert write_notes([], MOST_BYTES) == NO_NOTES
    assert write_notes([recalled("a")], 100) == NO_NOTES


def test_the_similarity_is_passed_on() -> None:
    one = RecalledMemory(UUID(int=1), "fact", MemoryText("a", "a", []), None)
    (used,) = write_notes([one], MOST_BYTES).used
    assert (used.id, used.similarity) == (UUID(int=1), None)
