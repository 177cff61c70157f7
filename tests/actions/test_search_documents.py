"""Searching documents, as models are told of what was found."""

from __future__ import annotations

import asyncio
import uuid

from pisovereign.actions.messages import messages_in
from pisovereign.actions.search_documents import SearchDocumentsAction
from pisovereign.documents.types import DocumentSearch, FoundPassage
from tests.actions.support import CALLER, FakeDocuments, backends

PETS = FoundPassage(
    id=uuid.uuid4(),
    document_id=uuid.uuid4(),
    document="lease.pdf",
    place=17,
    page=5,
    headings=["Lease", "Pets"],
    text="Hamsters may be kept.",
    score=1.0,
    similarity=0.5,
)


def test_passages_are_told_with_their_places() -> None:
    action = SearchDocumentsAction(backends(documents=FakeDocuments(PETS)))
    result = asyncio.run(action.run(CALLER, DocumentSearch(q="pets")))
    told = action.describe(result, messages_in("en"), backends().clock(CALLER.identity.user_id))
    assert told == "- lease.pdf, page 5, Pets: Hamsters may be kept."
    assert action.spec.reads_outside_text


def test_nothing_found_is_said() -> None:
    action = SearchDocumentsAction(backends())
    result = asyncio.run(action.run(CALLER, DocumentSearch(q="pets")))
    assert "Kein Dokument" in action.describe(
        result, messages_in("de"), backends().clock(CALLER.identity.user_id)
    )
