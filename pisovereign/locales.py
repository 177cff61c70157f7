"""The language and the time zone of each person, as this process knows them, and of the machine."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from pisovereign.languages import LANGUAGES, OTHERWISE, Language

# Names of a zone that say nothing: of a machine that nobody told, or a browser that hides it.
NOWHERE = ("UTC", "Etc/UTC")
# Returns where somebody is.
Zones = Callable[[UUID], ZoneInfo]


class Locale(NamedTuple):
    """A person's language and time zone; None: the program's own."""

    language: Language | None
    zone: ZoneInfo | None


class Locales:
    """The languages and time zones that people have chosen, else the program's own.

    Args:
        zone: Where the program is.
        language: What whoever started it reads.
    """

    def __init__(self, zone: ZoneInfo, language: Language = OTHERWISE) -> None:
        self._zone = zone
        self._language: Language = language
        self._known: dict[UUID, Locale] = {}

    def zone(self, user: UUID) -> ZoneInfo:
        """Return where somebody is."""
        known = self._known.get(user)
        return self._zone if known is None or known.zone is None else known.zone

    def language(self, user: UUID) -> Language:
        """Return what somebody reads, for answers to what tells no language."""
        return self.chosen_language(user) or self._language

    def chosen_language(self, user: UUID) -> Language | None:
        """Return the language that somebody chose; None: none."""
        known = self._known.get(user)
        return None if known is None else known.language

    def put(self, user: UUID, locale: Locale) -> None:
        """Take what is known of somebody now."""
        self._known[user] = locale


def terminal_language(environ: Mapping[str, str] = os.environ) -> Language | None:
    """Return the language that a terminal is set to; None: to none that there is data for."""
    names = ("LC_ALL", "LC_MESSAGES", "LANG")
    chosen = next((environ[name] for name in names if environ.get(name)), "")
    code = re.split(r"[_.@]", chosen, maxsplit=1)[0].lower()
    return code if code in LANGUAGES else None


def host_zone_name(
    environ: Mapping[str, str] = os.environ, file: Path = Path("/etc/localtime")
) -> str:
    """Return the name of this machine's time zone, as its user or the machine has it, else UTC."""
    if named := environ.get("TZ", "").removeprefix(":"):
        return named
    try:
        target = file.resolve(strict=True)
    except OSError:
        return "UTC"
    _, found, name = str(target).partition("/zoneinfo/")
    return name if found else "UTC"
