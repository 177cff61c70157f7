"""What the catalog is needed for."""

from __future__ import annotations

from bench.parse.cases import CATALOG, NOW, ZONE, load
from pisovereign.actions.types import RunCatalogCommand
from tests.parsing.support import message
from tests.support.rules import rules


def test_the_catalog_is_asked_for_whenever_it_is_needed() -> None:
    for case in load("tuning") + load("held_out"):
        read = rules().parse(case.words, NOW, ZONE, CATALOG).command
        if isinstance(read, RunCatalogCommand):
            assert rules().needs_catalog(message(case.words)), case.words


def test_most_of_what_is_said_is_read_without_the_catalog() -> None:
    others = [c for c in load("tuning") if not isinstance(c.command, RunCatalogCommand)]
    assert sum(rules().needs_catalog(message(c.words)) for c in others) < len(others) / 10
