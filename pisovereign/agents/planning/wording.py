"""How people put several requests into one text, in any language (`planning.toml`)."""

from __future__ import annotations

import re

from pisovereign.languages import LANGUAGES, Language, load_data
from pisovereign.languages.patterns import PatternExpander, patterns_of_all

_SAID = patterns_of_all("planning")
_PHRASES = {language: load_data(language, "planning")["phrases"] for language in LANGUAGES}


def compiled(pattern: str, flags: re.RegexFlag = re.IGNORECASE) -> re.Pattern[str]:
    """Return a pattern in which `{name}` stands for the entry of that name in any language."""
    return re.compile(PatternExpander(_SAID).resolve(pattern), flags)


def phrase(language: Language, name: str, said: str) -> str:
    """Return what is said to the parser in place of what was left out."""
    template: str = _PHRASES[language][name]
    return template.format(said)


def phrases(name: str, said: str) -> list[str]:
    """Return what may be said to the parser for `said`, in every language."""
    found: list[str] = []
    for of in _PHRASES.values():
        templates = of[name] if isinstance(of[name], list) else [of[name]]
        found += [template.format(said) for template in templates]
    return list(dict.fromkeys(found))
