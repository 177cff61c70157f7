"""The rules of set-up: a code opens a session, the session makes a key, and the key ends it."""

from __future__ import annotations

import asyncio
import hmac
import secrets
import shutil
from collections.abc import Callable, Collection
from pathlib import Path

from pisovereign.api_keys import generate_key
from pisovereign.errors import Conflict, Forbidden, Unauthorized
from pisovereign.models.device import Device, DeviceProbe
from pisovereign.models.recommendation import fits, memory_needed, recommend
from pisovereign.models.store import ModelStore
from pisovereign.setup.config_writer import mark_done, write_config
from pisovereign.setup.model_download import ModelDownload
from pisovereign.setup.one_time_code import OneTimeCode
from pisovereign.setup.types import Answers, ModelChoice, SetupState


class SetupService:
    """One set-up, from the code to the end.

    A key is not valid until the client has sent it back. So a broken connection or a power cut
    never leaves a device whose only key nobody has.

    Args:
        code: The one-time code.
        download: Fetches models.
        store: The models on this device.
        config: The file that is written in the end.
        done: The file that marks set-up as done.
        zone: The time zone to suggest.
        finish: Called when everything is written.
    """

    def __init__(
        self,
        *,
        code: OneTimeCode,
        download: ModelDownload,
        store: ModelStore,
        config: Path,
        done: Path,
        zone: str,
        finish: Callable[[], None],
    ) -> None:
        self._code = code
        self._download = download
        self._store = store
        self._config = config
        self._done = done
        self._zone = zone
        self._finish = finish
        self._session = ""
        self._key = ""
        self._answers: Answers | None = None
        self._device = DeviceProbe()

    def claim(self, code: str) -> str:
        """Open a session, which replaces any earlier one.

        Raises:
            Forbidden: The code is wrong.
            RateLimited: There were too many wrong codes.
        """
        if not self._code.redeem(code):
            raise Forbidden("This is not the code that the console shows")
        self._session = secrets.token_urlsafe(32)
        self._key, self._answers = "", None
        return self._session

    def check(self, session: str) -> None:
        """Require the present session.

        Raises:
            Unauthorized: It is another one, or there is none.
        """
        if not self._session or not _same(session, self._session):
            raise Unauthorized("Enter the code that the console shows")

    async def state(self) -> SetupState:
        """Return the choices, and the progress of the download."""
        device = await self._device.measured()
        media = await asyncio.to_thread(self._download.models_on_media)
        return SetupState(
            memory_bytes=device.memory,
            free_bytes=shutil.disk_usage(self._store.root).free,
            models=model_choices(self._store, device, media),
            pull=self._download.state,
            time_zone=self._zone,
        )

    def make_key(self, answers: Answers) -> str:
        """Make a new key, which replaces any earlier unconfirmed one.

        Raises:
            ValidationFailed: There is no such model.
            Conflict: The model has not been fetched.
        """
        self._download.require(self._download.chat_model(answers.model))
        self._answers, self._key = answers, generate_key()
        return self._key

    def finish(self, key: str) -> None:
        """Write the configuration, now that the client has shown the key.

        Raises:
            Unauthorized: It is another key.
            Conflict: No key was made.
            StartError: The configuration cannot be written.
        """
        if self._answers is None:
            raise Conflict("There is no key yet")
        if not _same(key, self._key):
            raise Unauthorized("This is not the key that was made")
        write_config(self._config, self._answers, self._key)
        mark_done(self._done)
        self._code.invalidate()
        self._session = self._key = ""
        self._answers = None
        self._finish()


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode())


def model_choices(
    store: ModelStore, device: Device, on_media: Collection[str]
) -> list[ModelChoice]:
    """Return every chat model; one is recommended."""
    models = store.manifest.of_kind("chat")
    best = recommend(models, device)
    return [
        ModelChoice(
            id=model.id,
            name=model.name,
            parameters=model.parameters,
            size=model.size,
            license=model.license,
            memory=memory_needed(model),
            audience=model.audience,
            fits=fits(model, device.memory),
            recommended=model is best,
            state=str(store.state(model)),
            on_media=model.id in on_media,
        )
        for model in models
    ]
