"""Errors of model files; each text is one line that says what to do.

ModelError                a StartError
├── UnknownModel          an id that the manifest does not have
├── ModelMissing          a file that was never fetched, or changed since it was verified
├── UnusableModel         a file that is no model, or one that cannot be used here
├── NotEnoughSpace        the disk cannot hold what is to be fetched
├── DownloadFailed        a source that does not deliver
│   └── WrongContent      a source that delivers something else
└── PreparationFailed     fetched weights that could not be turned into graphs
"""

from __future__ import annotations

from pisovereign.errors import StartError


class ModelError(StartError):
    """Anything that keeps a model from being used."""


class UnknownModel(ModelError):
    """An id that the manifest does not have."""


class ModelMissing(ModelError):
    """A file that was never fetched, or changed since it was verified."""


class UnusableModel(ModelError):
    """A file that is no model, or one that cannot be used here."""


class NotEnoughSpace(ModelError):
    """The disk cannot hold what is to be fetched."""


class DownloadFailed(ModelError):
    """A source that does not deliver."""


class WrongContent(DownloadFailed):
    """A source that delivers something else than the pinned file."""


class PreparationFailed(ModelError):
    """Fetched weights that could not be turned into graphs."""
