"""The connectors that there are, a line each: nothing else imports one's `connector.py`."""

from __future__ import annotations

from uuid import UUID

from pisovereign.config import Config
from pisovereign.connectors.calendar.connector import CONNECTOR as CALENDAR
from pisovereign.connectors.contract import Connector
from pisovereign.connectors.email.connector import CONNECTOR as EMAIL
from pisovereign.connectors.file_stores.connector import CONNECTORS as FILE_STORES
from pisovereign.connectors.home_assistant.connector import CONNECTOR as HOME_ASSISTANT
from pisovereign.connectors.matrix.connector import CONNECTOR as MATRIX
from pisovereign.connectors.ntfy.connector import CONNECTOR as NTFY
from pisovereign.connectors.speech.connector import CONNECTOR as SPEECH
from pisovereign.connectors.telegram.connector import CONNECTOR as TELEGRAM
from pisovereign.connectors.waste.connector import CONNECTOR as WASTE
from pisovereign.connectors.weather.connector import CONNECTOR as WEATHER
from pisovereign.connectors.web.connector import CONNECTOR as SEARCH
from pisovereign.connectors.whatsapp.connector import CONNECTOR as WHATSAPP
from pisovereign.languages import Language
from pisovereign.net.hosts import AllowedHost

CONNECTORS: tuple[Connector, ...] = (
    WEATHER,
    CALENDAR,
    EMAIL,
    SEARCH,
    TELEGRAM,
    NTFY,
    WHATSAPP,
    MATRIX,
    SPEECH,
    HOME_ASSISTANT,
    WASTE,
    *FILE_STORES,
)


def channels() -> tuple[str, ...]:
    """Return the names of the ways of sending: to browsers, and those of connectors."""
    return ("push", *(each.channel for each in CONNECTORS if each.channel))


def ways() -> tuple[str, ...]:
    """Return how people are told something: an event is its own delivery."""
    return ("events", *channels())


def writers(config: Config) -> list[UUID]:
    """Return whom the configuration lists as those who may write to the assistant."""
    sections = [(each, getattr(config, each.kind.section)) for each in CONNECTORS]
    return [user for each, section in sections for user in each.writers(section)]


def speaking_sections() -> list[str]:
    """Return the sections of the configuration that say what is spoken with people."""
    return [each.kind.section for each in _speaking()]


def spoken_language(config: Config) -> Language:
    """Return what is spoken with those who chose no language: as the first messenger does.

    It is that of the first that is set up, else of the first that there is.
    """
    speaking = [(each, getattr(config, each.kind.section)) for each in _speaking()]
    set_up = [section for each, section in speaking if each.kind.is_set(section)]
    first = set_up[0] if set_up else speaking[0][1]
    language: Language = first.language
    return language


def _speaking() -> list[Connector]:
    return [each for each in CONNECTORS if "language" in each.settings.__struct_fields__]


def named_hosts(config: Config) -> list[AllowedHost]:
    """Return the servers that the configuration names for connectors.

    They may be on the local network, or use http.
    """
    return [
        host
        for connector in CONNECTORS
        for host in connector.kind.named_hosts(getattr(config, connector.kind.section))
    ]
