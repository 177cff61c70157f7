"""Which updates are installed automatically, and when: as the configuration says, or as was chosen.

The choice lies in the data folder, and counts for every process at its next look.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from pisovereign.config import UpdatesConfig
from pisovereign.errors import Conflict
from pisovereign.files import replace_private

_FILE = "updates.json"
TIME = r"^([01][0-9]|2[0-3]):[0-5][0-9]\Z"


class Choice(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which are installed automatically, and at which time of the day."""

    automatic: Literal["off", "security", "all"] = "off"
    at: Annotated[str, Meta(pattern=TIME)] = "03:30"


class Choices:
    """Finds out what counts, and keeps what was chosen.

    Args:
        config: What it says counts, unless it leaves the choice to people.
        data_dir: The data folder.
    """

    def __init__(self, config: UpdatesConfig, data_dir: Path) -> None:
        self._config = config
        self._path = data_dir / _FILE

    @property
    def fixed(self) -> bool:
        """Return whether the configuration leaves no choice."""
        return self._config.automatic != "chosen"

    def read(self) -> Choice:
        """Return what counts now."""
        if self._config.automatic != "chosen":
            return Choice(self._config.automatic, self._config.at)
        try:
            return msgspec.json.decode(self._path.read_bytes(), type=Choice)
        except (OSError, msgspec.MsgspecError):
            return Choice(at=self._config.at)

    def write(self, choice: Choice) -> None:
        """Keep a choice.

        Raises:
            Conflict: The configuration leaves none.
            StartError: It cannot be written.
        """
        if self.fixed:
            raise Conflict("The configuration decides this: updates.automatic")
        replace_private(self._path, msgspec.json.encode(choice))
