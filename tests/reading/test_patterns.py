"""The data files of languages are complete."""

from __future__ import annotations

import msgspec
import pytest

from pisovereign.languages import LANGUAGES, Language, load_data
from pisovereign.languages.actions import load_examples
from pisovereign.reading import patterns as module
from pisovereign.reading.patterns import load_patterns


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_command_can_be_asked_for_in_every_language(language: Language) -> None:
    patterns, english = load_patterns(language), load_patterns("en")
    assert patterns.queries.keys() == english.queries.keys()
    assert patterns.system_queries.keys() == english.system_queries.keys()
    assert load_examples(language).keys() == load_examples("en").keys()


def test_an_entry_of_another_name_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    data = load_data("en", "commands")
    data["title_articles"] = data.pop("articles")
    files = {"commands": data, "queries": load_data("en", "queries")}
    monkeypatch.setattr(module, "load_data", lambda _, name: files[name])
    with pytest.raises(msgspec.ValidationError, match="articles"):
        load_patterns("en")


def test_line_breaks_in_patterns_do_not_count() -> None:
    patterns = load_patterns("de")
    assert "\n" in load_data("de", "commands")["requests"]["undoing"]
    assert "\n" not in patterns.requests.undoing
    assert all("\n" not in form for form in patterns.events.clear)
