"""The schema of plans is one that the engine reads, with room for further commands."""

from __future__ import annotations

from typing import Any

from pisovereign.agents.planning.schema_planner import plan_schema
from pisovereign.engine.schemas.reading import MOST_NODES

# Of so many nodes a command has some twelve.
_ROOM = 60


def nodes(schema: Any) -> int:
    """How many schemas there are in a schema."""
    inner = [*schema.get("properties", {}).values(), *schema.get("anyOf", ())]
    inner += [schema["items"]] if "items" in schema else []
    return 1 + sum(map(nodes, inner))


def test_there_is_room_for_further_commands() -> None:
    assert nodes(plan_schema(5)) < MOST_NODES - _ROOM
