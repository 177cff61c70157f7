"""What the tests of the document have in common."""

import pytest
from _pytest.nodeid import NodeId


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give each operation's test an address of its own.

    Tests are handed out by address, and of those with the same one, which schemathesis gives to
    all of a document, only one runs.
    """
    for item in items:
        if label := getattr(item, "operation_label", None):
            item._id = NodeId.parse(f"{item.nodeid}[{label}]")
