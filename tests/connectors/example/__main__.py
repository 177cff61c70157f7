"""The program with one connector more: `python -m tests.connectors.example api ...`."""

from __future__ import annotations

from pisovereign.connectors import registry
from tests.connectors.example.connector import CONNECTOR

registry.CONNECTORS = (*registry.CONNECTORS, CONNECTOR)

if __name__ == "__main__":
    from pisovereign.cli.serve import main

    main()
