"""What the tests of the document have in common."""

import pytest
from _pytest.nodeid import NodeId


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the longest file, and give each operation's test an address of its own.

    Files are handed to parallel processes in their order: others would wait for this one at the
    end. Tests are handed out by address, and of those with the same one, which schemathesis gives
    to all of a document, only one runs.
    """
    items.sort(key=lambda item: item.path.name != "test_contract.py")
    for item in items:
        if label := getattr(item, "operation_label", None):
            item._id = NodeId.parse(f"{item.nodeid}[{label}]")
