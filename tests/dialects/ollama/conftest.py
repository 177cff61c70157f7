"""What models are fetched from, as in the tests of models."""

from __future__ import annotations

from tests.models.conftest import content, make_store, origin

__all__ = ["content", "make_store", "origin"]
