"""Which passages fit a message: a search always finds something, and that may answer nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pisovereign.languages import Language
from pisovereign.search_index.ranking import VectorModel

# The least cosine by a model that knows the languages of both; by one that knows all, where another
# knows them better; and across languages.
NEAR, NEAR_OF_GENERALIST, NEAR_ACROSS = 0.4, 0.5, 0.35
# The least share of a message's words, by how rare they are, that is enough without that.
COVER = 0.6
# Of that many words at least.
SHARED_WORDS = 2


def fits(
    models: Sequence[VectorModel],
    cosines: Mapping[str, float],
    languages: tuple[Language | None, Language | None],
    cover: float,
    shared: int,
) -> bool:
    """Return whether a passage fits a message.

    Args:
        models: All models.
        cosines: Of message and passage, by each model that has read both.
        languages: Of the message and of the passage, None: unknown.
        cover: The share of the message's words that the passage has, by how rare they are.
        shared: How many words that are.
    """
    if cover >= COVER and shared >= SHARED_WORDS:
        return True
    spoken = frozenset(code for code in languages if code is not None)
    known = [model for model in models if model.id in cosines]
    special = [m for m in known if m.languages is not None and spoken and spoken <= m.languages]
    if any(cosines[model.id] >= NEAR for model in special):
        return True
    least = NEAR_OF_GENERALIST if special else NEAR_ACROSS if len(spoken) > 1 else NEAR
    return any(cosines[model.id] >= least for model in known if model.languages is None)
