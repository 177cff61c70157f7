"""What the reference shows of forms is what the routes take and give; real ones are longer."""

from __future__ import annotations

import msgspec
import pytest

from pisovereign.asgi.routes import Route
from pisovereign.connections.routes import ConnectionRoutes, PreferenceRoutes
from pisovereign.tool_servers.routes import ToolServerRoutes

ENTRIES = [
    *ConnectionRoutes.entries(),
    *PreferenceRoutes.entries(),
    *ToolServerRoutes.entries(),
]


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
def test_examples_are_what_is_taken_and_given(entry: Route) -> None:
    types = entry.types()
    if entry.example.request is not None:
        assert types.body is not None
        msgspec.convert(entry.example.request, types.body)
    if entry.example.response is not None:
        (answer,) = types.alternatives
        found = msgspec.convert(entry.example.response, answer)
        # Every field is shown.
        assert msgspec.to_builtins(found).keys() == entry.example.response.keys()
