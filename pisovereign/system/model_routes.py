"""The routes of model files: what there is, and adding, fetching, verifying and removing it."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

import msgspec
from falcon.asgi import Request, Response

from pisovereign.asgi.body import BodyReader
from pisovereign.asgi.routes import Example, Routes, route
from pisovereign.errors import Conflict, NotFound
from pisovereign.model_tests.abilities import ModelAbilities
from pisovereign.models.device import DeviceProbe
from pisovereign.models.errors import ModelError, UnknownModel
from pisovereign.models.listing import list_models
from pisovereign.models.staging import Wish
from pisovereign.models.upload_types import UploadQuery, UploadState
from pisovereign.models.work import ModelWork, WorkState
from pisovereign.system.model_types import ModelEntries, ModelEntry, NewModel, Work

_RUNNING = {
    "kind": "add",
    "model": "",
    "status": "running",
    "action": None,
    "done": 0,
    "total": 0,
    "error": None,
    "found": None,
}
_ENTRY = {
    "id": "qwen3.5-2b",
    "name": "Qwen 3.5 2B",
    "kind": "chat",
    "parameters": "2B",
    "context_length": 8192,
    "size": 1_280_835_840,
    "license": "Apache-2.0",
    "languages": ["en", "de", "fr"],
    "audience": "Boards of 4 and 8 GB: the first that acts, and quick enough to talk with.",
    "memory": 1_410_000_000,
    "fits": True,
    "recommended": True,
    "default": False,
    "smoke_test": False,
    "added": False,
    "checksum": "pinned",
    "preinstalled": False,
    "state": "verified",
    "abilities": {
        "tested": False,
        "calls_tools": False,
        "languages": [],
        "reads_commands": False,
        "scores": {},
        "reading": None,
    },
}


class ModelFileRoutes(Routes, tag="System"):
    """Model files over HTTP.

    Args:
        work: Does what takes long.
        abilities: Knows what models may do.
        in_use: Returns the ids of the models that may not be removed.
        bodies: Reads pieces of uploads.
    """

    def __init__(
        self,
        work: ModelWork,
        abilities: ModelAbilities,
        in_use: Callable[[], Awaitable[set[str]]],
        bodies: BodyReader,
    ) -> None:
        self._work = work
        self._abilities = abilities
        self._in_use = in_use
        self._bodies = bodies
        self._device = DeviceProbe()

    @route(
        "GET",
        "/v1/system/model-catalog",
        summary="List every model there is",
        scope="admin",
        example=Example(
            response={
                "models": [_ENTRY],
                "memory_bytes": 8_200_000_000,
                "free_bytes": 20_000_000_000,
            }
        ),
    )
    async def model_catalog(self, req: Request, resp: Response) -> ModelEntries:
        """List the models of the [catalog](models.md#the-catalog), and those that were added.

        `memory` is what a model takes with one conversation of 4096 tokens, `fits` says whether
        this device has it, and `state` is `absent`, `partial`, `present` (not verified, or
        changed since) or `verified`. `checksum` is `pinned`, `recorded` when the file came, or
        known only `at first download`. A `preinstalled` model came with the
        system of a card and cannot be removed. Sizes are in bytes.
        """
        device = await self._device.measured()
        store = self._work.store
        store.reload()
        listed = await asyncio.to_thread(list_models, store, device)
        entries = [
            ModelEntry(**msgspec.structs.asdict(each), abilities=self._abilities.of(each.id))
            for each in listed
        ]
        free = shutil.disk_usage(store.root).free if store.root.is_dir() else 0
        return ModelEntries(entries, device.memory, free)

    @route(
        "GET",
        "/v1/system/model-work",
        summary="See how far work on models got",
        scope="admin",
        example=Example(
            response={
                "work": {
                    **_RUNNING,
                    "kind": "pull",
                    "model": "qwen3.5-2b",
                    "action": "fetching",
                    "done": 640_417_920,
                    "total": 1_280_835_840,
                }
            }
        ),
    )
    async def model_work(self, req: Request, resp: Response) -> Work:
        """Show what is done to the models, or was last.

        `status` is `running`, `done`, `failed` (`error` says why) or `stopped`; what was stopped
        goes on when it is asked for again. `found` is what a model that is being added is, and the
        memory that it takes, known before it is fetched.
        """
        return Work(self._work.state())

    @route(
        "DELETE",
        "/v1/system/model-work",
        summary="Stop work on models",
        scope="admin",
        status=204,
    )
    async def stop_model_work(self, req: Request, resp: Response) -> None:
        """Stop what is being done, within a moment; what is there of a download stays."""
        self._work.cancel()

    @route(
        "POST",
        "/v1/system/models",
        summary="Add a model from an address",
        scope="admin",
        status=202,
        errors=(409,),
        fields={
            "url": "where the GGUF file is, with `https://`",
            "sha256": "the checksum that it must have; recorded if not given",
            "id": "what the model is to be called; from the file's name if not given",
        },
        example=Example(
            request={"url": "https://example.org/some-model.gguf", "id": "some-model"},
            response=_RUNNING | {"model": "some-model"},
        ),
    )
    async def add_model(self, req: Request, resp: Response, body: NewModel) -> WorkState:
        """Begin to add a [model of your own](models.md#a-model-of-your-own).

        What it is and takes is read first, and what does not fit is refused: see `GET
        /v1/system/model-work`. Its checksum is compared with `sha256`, or recorded. It is 409
        while something else is done to the models.
        """
        return self._work.add(body.url, Wish(body.sha256 or "", body.id or ""))

    @route(
        "POST",
        "/v1/system/model-upload",
        summary="Upload a model in pieces",
        scope="admin",
        unlimited=True,
        raw_body=True,
        errors=(409,),
        example=Example(response={"held": 1_048_576, "model": None, "found": None}),
    )
    async def upload_model(self, req: Request, resp: Response, query: UploadQuery) -> UploadState:
        """Take a piece of a GGUF file, as long as a body may be (`server.body_limit_bytes`).

        `name` and `size` are those of the whole file, and `offset` is where the piece begins. A
        piece that does not begin where the file ends changes nothing; `held` says where the next
        one has to. `found` says what it is, as soon as that is known, and with the last piece
        the model is there. It is 422, and nothing of it stays, as
        soon as the file is known to be of no use.
        """
        piece = await self._bodies.read_bytes(req)
        received = await self._work.take(
            query.size, query.name, query.wish, offset=query.offset, piece=piece
        )
        return UploadState.of(received)

    @route(
        "POST",
        "/v1/system/models/{model}/pull",
        summary="Fetch a model of the catalog",
        scope="admin",
        status=202,
        errors=(404, 409),
        example=Example(response=_RUNNING | {"kind": "pull", "model": "qwen3.5-2b"}),
    )
    async def pull_model(self, req: Request, resp: Response, model: str) -> WorkState:
        """Begin to fetch what is missing of a model, and to verify it."""
        with _known():
            return self._work.pull(model)

    @route(
        "POST",
        "/v1/system/models/{model}/verify",
        summary="Verify a model's files",
        scope="admin",
        status=202,
        errors=(404, 409),
        example=Example(response=_RUNNING | {"kind": "verify", "model": "qwen3.5-2b"}),
    )
    async def verify_model(self, req: Request, resp: Response, model: str) -> WorkState:
        """Begin to read a model's files in full and to compare their checksums."""
        with _known():
            return self._work.verify(model)

    @route(
        "DELETE",
        "/v1/system/models/{model}",
        summary="Remove a model",
        scope="admin",
        status=204,
        errors=(404, 409),
    )
    async def remove_model(self, req: Request, resp: Response, model: str) -> None:
        """Delete a model's files, and the model itself if it was added.

        It is 409 for a model that is in use or came with the system of a card, and while something
        else is done to the models.
        """
        if model in await self._in_use():
            raise Conflict("The model is in use")
        with _known():
            await self._work.remove(model)


@contextmanager
def _known() -> Iterator[None]:
    try:
        yield
    except UnknownModel as error:
        raise NotFound(str(error)) from None
    except ModelError as error:
        raise Conflict(str(error)) from None
