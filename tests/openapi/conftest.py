"""What the tests of the document have in common."""

import pytest
from _pytest.nodeid import NodeId


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give each operation's test an address of its own: schemathesis gives all of them one.

    Tests are handed to parallel processes by address, and of those with the same one only one runs.
    """
    # The longest file first: other processes would wait for it at the end.
    items.sort(key=lambda item: item.path.name != "test_contract.py")
    for item in items:
        if label := getattr(item, "operation_label", None):
            item._id = NodeId.parse(f"{item.nodeid}[{label}]")
