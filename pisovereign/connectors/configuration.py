"""The whole configuration: what the program itself has, and a section for each connector."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from pisovereign.config import Config, loading
from pisovereign.connectors.registry import CONNECTORS, ways
from pisovereign.errors import FieldError

S = TypeVar("S", bound=msgspec.Struct)
_SECTIONS = {
    name: section
    for connector in CONNECTORS
    for name, section in {connector.kind.section: connector.settings, **connector.beside}.items()
}
if TYPE_CHECKING:

    class WholeConfig(Config, frozen=True, kw_only=True):
        """The program's configuration with the sections of all connectors."""

        def __init__(self, **sections: Any) -> None: ...

else:
    WholeConfig = msgspec.defstruct(
        "WholeConfig",
        [(name, section, section()) for name, section in _SECTIONS.items()],
        bases=(Config,),
        frozen=True,
        kw_only=True,
    )


def load_config(environ: Mapping[str, str] = os.environ) -> Config:
    """Read the whole configuration.

    Raises:
        StartError: names every unknown key, wrong type and out-of-range value, and its source.
    """
    return loading.load(environ, WholeConfig, _faults)


def section_of(config: Config, section: type[S]) -> S:
    """Return the section of a connector."""
    found = (getattr(config, name) for name, known in _SECTIONS.items() if known is section)
    value = next(found)
    assert isinstance(value, section)
    return value


def _faults(config: Config) -> Iterator[FieldError]:
    schedules = enumerate(config.agentic.schedules)
    for setting, deliver in (
        ("reminders.deliver", config.reminders.deliver),
        ("approvals.deliver", config.approvals.deliver),
        *((f"agentic.schedules[{i}].deliver", each.deliver) for i, each in schedules),
    ):
        if not set(deliver) <= set(ways()):
            yield {"field": setting, "error": f"must hold only {', '.join(sorted(ways()))}"}
    for connector in CONNECTORS:
        fault = connector.fault(getattr(config, connector.kind.section))
        if fault is not None:
            yield fault
