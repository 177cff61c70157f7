"""Which model is in use: the configured one, or another that was switched to."""

from __future__ import annotations

import logging
from pathlib import Path

import msgspec

from pisovereign.files import replace_private

_log = logging.getLogger(__name__)
# Clients that still name one of so many earlier models are served by the present one.
_EARLIER = 8


class _Chosen(msgspec.Struct, frozen=True, kw_only=True):
    """The file's contents.

    Attributes:
        model: the model in use.
        configured: what `inference.model` was when it was chosen.
        earlier: models that were in use before, the last one first.
    """

    model: str
    configured: str
    earlier: list[str] = []


class ActiveModel:
    """Remembers the choice in `<folder>/active-model`; a model has to prove itself first.

    A configuration that is changed afterwards is the owner's newer word: then it counts, and the
    file is removed.

    Args:
        folder: the data folder.
        configured: `inference.model`.
    """

    def __init__(self, folder: Path, configured: str) -> None:
        self._path = folder / "active-model"
        self.configured = configured
        self._chosen = self._read()

    @classmethod
    def peek(cls, folder: Path, configured: str) -> str:
        """Return the id of the model in use, for those who only look: nothing is removed."""
        try:
            chosen = msgspec.json.decode((folder / "active-model").read_bytes(), type=_Chosen)
        except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
            return configured
        return chosen.model if chosen.configured == configured else configured

    @property
    def model(self) -> str:
        """Return the id of the model to use."""
        return self._chosen.model if self._chosen else self.configured

    @property
    def earlier(self) -> list[str]:
        """Return the ids of models that clients may still name, without the one in use."""
        known = [*(self._chosen.earlier if self._chosen else []), self.configured]
        return [model for model in dict.fromkeys(known) if model != self.model]

    def choose(self, model: str) -> None:
        """Use another model from now on, also after a restart.

        Raises:
            StartError: the choice cannot be written, and does not count.
        """
        earlier = [self.model, *(known for known in self.earlier if known != model)][:_EARLIER]
        chosen = _Chosen(model=model, configured=self.configured, earlier=earlier)
        replace_private(self._path, msgspec.json.encode(chosen) + b"\n")
        self._chosen = chosen

    def forget(self, why: str) -> None:
        """Go back to the configured model."""
        _log.warning("the model is %s again, not %s: %s", self.configured, self.model, why)
        self._chosen = None
        try:
            self._path.unlink(missing_ok=True)
        except OSError as error:
            _log.warning("%s cannot be removed: %s", self._path, error.strerror)

    def _read(self) -> _Chosen | None:
        try:
            chosen = msgspec.json.decode(self._path.read_bytes(), type=_Chosen)
        except FileNotFoundError:
            return None
        except (OSError, msgspec.MsgspecError, UnicodeDecodeError) as error:
            _log.warning("%s is not used: %s", self._path, error)
            return None
        if chosen.configured != self.configured:
            self._chosen = chosen
            self.forget("inference.model was changed in the configuration")
            return None
        return chosen
