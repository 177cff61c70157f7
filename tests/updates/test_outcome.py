"""What owners are told of an update that came to its end."""

from __future__ import annotations

import pytest

from pisovereign.connectors.notice_titles import notice_title
from pisovereign.languages import LANGUAGES
from pisovereign.updates.outcome import UpdateEnded, outcome_text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("stage", ["kept", "rolled_back", "failed"])
def test_what_owners_are_told_are_sentences(language: str, stage: str) -> None:
    error = None if stage == "kept" else "it does not answer"
    ended = UpdateEnded(stage=stage, version="1.1.0", before="1.0.0", error=error)  # type: ignore[arg-type]
    text = outcome_text(language, ended)
    assert "1.1.0" in text
    assert ("it does not answer" in text) == ("1.0.0" in text) == (stage != "kept")
    assert "{" not in text
    assert notice_title(language, "update")
