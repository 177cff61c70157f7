"""Which passages fit a message: a search always finds something, and that may answer nothing."""

from __future__ import annotations

from collections.abc import Sequence

from pisovereign.languages import Language
from pisovereign.search_index.index_types import Candidate
from pisovereign.search_index.ranking import WORD_WEIGHT, VectorModel

# The least cosine by a model that knows the languages of both; by one that knows all, where another
# knows them better; and across languages.
NEAR, NEAR_OF_GENERALIST, NEAR_ACROSS = 0.4, 0.5, 0.35
# The least share of a message's words, by how rare they are, that is enough without that.
COVER = 0.6
# Where no model knows the language best: the least relevance, of meaning and words together.
RELEVANT = 4.5
# Of that many words at least.
SHARED_WORDS = 2


def fits(
    models: Sequence[VectorModel],
    candidate: Candidate,
    languages: tuple[Language | None, Language | None],
    shared: int,
) -> bool:
    """Return whether a passage fits a message.

    Args:
        models: All models.
        candidate: The passage, as it was ranked.
        languages: Of the message and of the passage, None: unknown.
        shared: How many words of the message the passage has.
    """
    if shared >= SHARED_WORDS and candidate.lexical >= COVER * WORD_WEIGHT:
        return True
    cosines = candidate.cosines
    spoken = frozenset(code for code in languages if code is not None)
    known = [model for model in models if model.id in cosines]
    general = [cosines[model.id] for model in known if model.languages is None]
    special = [
        cosines[model.id]
        for model in known
        if model.languages is not None and spoken and spoken <= model.languages
    ]
    if special:
        return max(special) >= NEAR or max(general, default=0.0) >= NEAR_OF_GENERALIST
    if shared >= SHARED_WORDS and candidate.relevance >= RELEVANT:
        return True
    return max(general, default=0.0) >= (NEAR_ACROSS if len(spoken) > 1 else NEAR)
