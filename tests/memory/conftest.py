"""Each test begins without memories."""

from __future__ import annotations

import pytest

from tests.memory.support import forget_all
from tests.support.server import BOB_KEY, Server


@pytest.fixture
def memories(server: Server) -> Server:
    """The suite's server, in which neither user has a memory."""
    for key in (None, BOB_KEY):
        forget_all(server, **({"key": key} if key else {}))
    return server
