"""Fingerprints tell tables apart exactly if their rows differ."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from pisovereign.backup.fingerprint import Fingerprints, FingerprintTaker, differences
from pisovereign.backup.format import Record, Rows, Sequences, Table, TableEnd

ROWS = st.lists(st.binary(max_size=12).map(lambda row: row.replace(b"\n", b"")), max_size=12)


def taken(rows: list[bytes], cuts: list[int] = []) -> Fingerprints:  # noqa: B006
    data = b"".join(row + b"\n" for row in rows)
    places = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    pieces = [data[a:b] for a, b in itertools.pairwise(places)]
    records: list[Record] = [Table("lists", ["id", "name"])]
    records += [Rows(piece) for piece in pieces if piece]
    records += [TableEnd(len(rows)), Sequences({"a_seq": 7})]
    taker = FingerprintTaker()
    assert list(taker.watch(iter(records))) == records
    assert taker.sequences == {"a_seq": 7}
    return taker.tables


@given(ROWS, st.lists(st.integers(0, 200), max_size=5), st.randoms())
def test_neither_order_nor_pieces_matter(
    rows: list[bytes], cuts: list[int], random: object
) -> None:
    shuffled = list(rows)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert differences(taken(rows), taken(shuffled, cuts)) == []


@given(ROWS, ROWS)
def test_other_rows_are_another_table(rows: list[bytes], others: list[bytes]) -> None:
    same = sorted(rows) == sorted(others)
    assert (differences(taken(rows), taken(others)) == []) is same


def test_a_table_that_is_missing_differs() -> None:
    assert differences(taken([b"1"]), {}) == ["lists"]
