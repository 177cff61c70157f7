"""Models as Ollama tells of them: by names with a tag, with sizes and digests."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Sequence

from pisovereign.config import Config
from pisovereign.dialects.ollama.reply_types import (
    Details,
    InstalledModel,
    RunningModel,
    ShownModel,
)
from pisovereign.engine_client.client import EngineClient
from pisovereign.errors import EngineMisbehaved, EngineUnavailable, NotFound, ValidationFailed
from pisovereign.models.errors import UnknownModel
from pisovereign.models.manifest import Model
from pisovereign.models.recommendation import memory_needed
from pisovereign.models.store import ModelStore
from pisovereign.system.served_models import ServedModels

LATEST = ":latest"
# Ollama's own names of models that are here under their publishers'.
EMBEDDING_ALIASES = {"all-minilm": "all-minilm-l6-v2", "all-minilm:22m": "all-minilm-l6-v2"}
_FAMILY = re.compile(r"[a-z]+[0-9]*")
_FOREVER = "2300-01-01T00:00:00Z"


def plain_name(name: str) -> str:
    """Return a name without the tag that says nothing."""
    return name.removesuffix(LATEST)


def tagged(name: str) -> str:
    """Return a name with a tag, as Ollama lists it."""
    return name if ":" in name else name + LATEST


class Installed:
    """Tells which models may be named, and what they are.

    Args:
        config: Which models for embeddings there are.
        models: Which model answers.
        store: What is known of model files.
        engine: Tells what another server has.
    """

    def __init__(
        self, config: Config, models: ServedModels, store: ModelStore, engine: EngineClient
    ) -> None:
        self._models = models
        self._store = store
        self._engine = engine
        self._foreign = bool(config.inference.base_url)
        self._embeddings: Sequence[str] = config.memory.embedding_ids
        self._started = dt.datetime.now(dt.UTC)

    async def names(self) -> list[str]:
        """Return the ids of all models that may be named, the one that answers first.

        Raises:
            EngineUnavailable: Another server has the models, and does not answer.
        """
        answering = [await self._models.active()]
        others = await self._engine.models() if self._foreign else []
        return list(dict.fromkeys((*answering, *others, *self._embeddings)))

    async def chat_model(self, name: str) -> str:
        """Return the id of the model that answers where this one is named.

        Raises:
            NotFound: It does not answer here.
            EngineUnavailable: Nobody can tell.
        """
        wanted = plain_name(name)
        try:
            await self._models.require(wanted)
        except ValidationFailed:
            using = await self._models.active()
            text = f"model '{name}' is not in use here: '{tagged(using)}' is"
            raise NotFound(text) from None
        return await self._models.resolve(wanted)

    def embedding_model(self, name: str) -> str:
        """Return the id of a model for embeddings.

        Raises:
            NotFound: There is no such model for embeddings.
        """
        wanted = plain_name(name)
        wanted = EMBEDDING_ALIASES.get(wanted, wanted)
        if wanted in self._embeddings:
            return wanted
        known = " and ".join(f"'{tagged(each)}'" for each in self._embeddings)
        raise NotFound(f"model '{name}' makes no embeddings here: {known} do")

    async def listed(self) -> list[InstalledModel]:
        """Return all models that may be named.

        Raises:
            EngineUnavailable: Another server has the models, and does not answer.
        """
        self._store.reload()
        return [self._describe(name) for name in await self.names()]

    async def running(self) -> list[RunningModel]:
        """Return the model that answers, if it is in memory."""
        try:
            context = await self._models.context_length()
        except (EngineUnavailable, EngineMisbehaved):
            return []
        active = self._describe(self._models.last_known)
        known = self._known(self._models.last_known)
        return [
            RunningModel(
                name=active.name,
                model=active.model,
                size=(known and memory_needed(known)) or active.size,
                digest=active.digest,
                details=active.details,
                expires_at=_FOREVER,
                size_vram=0,
                context_length=context,
            )
        ]

    async def shown(self, name: str) -> ShownModel:
        """Return what is known of a model.

        Raises:
            NotFound: It may not be named.
            EngineUnavailable: Nobody can tell.
        """
        wanted = plain_name(name)
        wanted = EMBEDDING_ALIASES.get(wanted, wanted)
        if wanted not in await self.names():
            raise NotFound(f"model '{name}' not found")
        self._store.reload()
        described, known = self._describe(wanted), self._known(wanted)
        embeds = wanted in self._embeddings
        family = described.details.family
        length = (known.context_length if known else 0) if embeds else await self._context()
        return ShownModel(
            license=known.license if known else "",
            modelfile=f"FROM {described.name}",
            parameters="",
            template="",
            details=described.details,
            model_info={
                "general.architecture": family,
                "general.basename": known.name if known else wanted,
                f"{family}.context_length": length,
            },
            capabilities=["embedding"] if embeds else ["completion", "tools"],
            modified_at=described.modified_at,
        )

    async def _context(self) -> int:
        return await self._models.context_length()

    def _known(self, model_id: str) -> Model | None:
        try:
            return self._store.model(model_id)
        except UnknownModel:
            return None

    def _describe(self, model_id: str) -> InstalledModel:
        known = self._known(model_id)
        family = found[0] if (found := _FAMILY.match(model_id)) else model_id
        name = tagged(model_id)
        return InstalledModel(
            name=name,
            model=name,
            modified_at=self._modified(known).isoformat(timespec="seconds"),
            size=known.size if known else 0,
            digest=_digest(known, model_id),
            details=Details(
                format="gguf" if known is None or known.kind == "chat" else "onnx",
                family=family,
                families=[family],
                parameter_size=known.parameters if known else "",
            ),
        )

    def _modified(self, known: Model | None) -> dt.datetime:
        """Return when a model came; where nobody knows, when the program started."""
        if known is not None:
            try:
                return dt.datetime.fromtimestamp(self._store.home(known).stat().st_mtime, dt.UTC)
            except OSError:
                pass
        return self._started


def _digest(known: Model | None, model_id: str) -> str:
    """Return the checksum of a model's first file; of one that nobody knows, that of its name."""
    checksum = known.files[0].sha256 if known else None
    return checksum or hashlib.sha256(model_id.encode()).hexdigest()
