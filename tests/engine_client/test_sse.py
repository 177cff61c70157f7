from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pisovereign.engine_client.sse import EventReader

payload = st.text("ab {}:", max_size=10).map(str.encode)
end = st.sampled_from([b"\n", b"\r\n", b"\r"])


@given(
    st.lists(st.tuples(payload, end, st.booleans(), st.booleans()), max_size=6),
    st.lists(st.integers(0, 400), max_size=20),
)
def test_events_survive_any_cut(
    events: list[tuple[bytes, bytes, bool, bool]], cuts: list[int]
) -> None:
    stream = b""
    for data, newline, space, comment in events:
        lines = [b": ping", b"id: 7"] if comment else []
        stream += newline.join([*lines, b"data:" + (b" " if space else b"") + data, b"", b""])
    reader = EventReader()
    edges = sorted({0, len(stream), *(min(cut, len(stream)) for cut in cuts)})
    got = [e for a, b in pairwise(edges) for e in reader.feed(stream[a:b])]
    got += reader.finish()
    expected = [data if space else data.removeprefix(b" ") for data, _, space, _ in events]
    assert got == expected


def test_data_over_several_lines() -> None:
    assert EventReader().feed(b"data: a\ndata: b\n\n") == [b"a\nb"]


def test_a_last_event_without_a_blank_line_counts() -> None:
    reader = EventReader()
    assert reader.feed(b"data: a") == []
    assert reader.finish() == [b"a"]
    assert reader.finish() == []


@pytest.mark.parametrize("piece", [b"x" * 50, b"data: 12345\n"])
def test_endless_events_are_refused(piece: bytes) -> None:
    reader = EventReader(limit=100)
    with pytest.raises(ValueError, match="too long"):
        all(reader.feed(piece) == [] for _ in range(1000))
