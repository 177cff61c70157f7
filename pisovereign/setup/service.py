"""The rules of set-up: a code opens a session, a session makes a key, the key ends it."""

from __future__ import annotations

import asyncio
import hmac
import secrets
from collections.abc import Callable
from pathlib import Path

from pisovereign.api_keys import generate_key
from pisovereign.errors import Conflict, Forbidden, Unauthorized
from pisovereign.models.store import ModelStore
from pisovereign.setup.choices import choices, free_bytes, memory_bytes
from pisovereign.setup.config_writer import mark_done, write_config
from pisovereign.setup.model_download import Puller
from pisovereign.setup.one_time_codes import Codes
from pisovereign.setup.types import Answers, SetupState


class SetupService:
    """One set-up, from the code to the end.

    A key counts for nothing until somebody has shown that they received it, so a connection that
    breaks, or a power cut, never leaves a device behind whose only key nobody has.

    Args:
        codes: The one-time code.
        puller: Gets models.
        store: Where models are.
        config: The file that is written in the end.
        done: The file that says that set-up is over.
        zone: The time zone to propose.
        finish: Called when everything is written.
    """

    def __init__(
        self,
        *,
        codes: Codes,
        puller: Puller,
        store: ModelStore,
        config: Path,
        done: Path,
        zone: str,
        finish: Callable[[], None],
    ) -> None:
        self._codes = codes
        self._puller = puller
        self._store = store
        self._config = config
        self._done = done
        self._zone = zone
        self._finish = finish
        self._session = ""
        self._key = ""
        self._answers: Answers | None = None

    def claim(self, code: str) -> str:
        """A session, in the place of the one that there was.

        Raises:
            Forbidden: it is not the code.
            RateLimited: there were too many wrong ones.
        """
        if not self._codes.take(code):
            raise Forbidden("This is not the code that the console shows")
        self._session = secrets.token_urlsafe(32)
        self._key, self._answers = "", None
        return self._session

    def check(self, session: str) -> None:
        """Let a session pass.

        Raises:
            Unauthorized: it is not the present one.
        """
        if not self._session or not _same(session, self._session):
            raise Unauthorized("Enter the code that the console shows")

    async def state(self) -> SetupState:
        """What there is to choose from, and how far it is."""
        memory = memory_bytes()
        media = await asyncio.to_thread(self._puller.on_media)
        return SetupState(
            memory_bytes=memory,
            free_bytes=free_bytes(self._store.root),
            models=choices(self._store, memory, media),
            pull=self._puller.state,
            time_zone=self._zone,
        )

    def make_key(self, answers: Answers) -> str:
        """A new key, in the place of one that nobody has shown yet.

        Raises:
            ValidationFailed: there is no such model.
            Conflict: the model is not there.
        """
        self._puller.require(self._puller.chat_model(answers.model))
        self._answers, self._key = answers, generate_key()
        return self._key

    def finish(self, key: str) -> None:
        """Write everything down: somebody has the key.

        Raises:
            Unauthorized: it is another key.
            Conflict: none was made.
            StartError: it cannot be written.
        """
        if self._answers is None:
            raise Conflict("There is no key yet")
        if not _same(key, self._key):
            raise Unauthorized("This is not the key that was made")
        write_config(self._config, self._answers, self._key)
        mark_done(self._done)
        self._codes.forget()
        self._session = self._key = ""
        self._answers = None
        self._finish()


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode())
