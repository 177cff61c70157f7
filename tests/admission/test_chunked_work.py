"""Long work lets others have their turn."""

from __future__ import annotations

import asyncio
from itertools import pairwise

import pytest

from pisovereign.admission.chunked_work import AT_ONCE, made_in_parts


def test_others_have_a_turn_after_every_few() -> None:
    async def scenario() -> tuple[list[int], list[int]]:
        made, seen = list[int](), list[int]()

        def double(number: int) -> int:
            made.append(number)
            return 2 * number

        async def other() -> None:
            while True:
                seen.append(len(made))
                await asyncio.sleep(0)

        watching = asyncio.create_task(other())
        await asyncio.sleep(0)
        result = await made_in_parts(double, range(4 * AT_ONCE))
        watching.cancel()
        return result, seen

    result, seen = asyncio.run(scenario())
    assert result == [2 * number for number in range(4 * AT_ONCE)]
    steps = [after - before for before, after in pairwise(seen)]
    assert max(steps) == AT_ONCE
    assert len(seen) >= 3


def test_a_few_take_no_turn_of_anybody() -> None:
    made = made_in_parts(str, [1, 2])
    with pytest.raises(StopIteration) as end:
        made.send(None)
    assert end.value.value == ["1", "2"]
