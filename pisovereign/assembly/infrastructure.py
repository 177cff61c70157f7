"""Construction of the infrastructure: database, engine, keys, metrics, cache, and the way out."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry

from pisovereign.accounts.callers import Caller
from pisovereign.actions.metrics import CommandMetrics
from pisovereign.actions.registry import COMMANDS
from pisovereign.api_keys import KeyRing
from pisovereign.approvals.metrics import ApprovalMetrics
from pisovereign.asgi.body import BodyReader
from pisovereign.backup.metrics import BackupMetrics
from pisovereign.cache.metrics import CacheMetrics
from pisovereign.cache.store import Cache, Region
from pisovereign.catalog.execution import CatalogMetrics
from pisovereign.chat.metrics import HeldMetrics
from pisovereign.config import CacheConfig, Config, MemoryConfig
from pisovereign.config.loading import models_dir
from pisovereign.connectors.registry import named_hosts
from pisovereign.engine_client.answer_cache import CachedAnswer, CachedAnswers, answer_size
from pisovereign.engine_client.client import EngineClient
from pisovereign.engine_client.encoder import Encoder
from pisovereign.engine_client.encoder_set import EncoderSet
from pisovereign.engine_client.metrics import InferenceMetrics
from pisovereign.engine_client.switching import SwitchClient, switch_socket
from pisovereign.events.build import build_events
from pisovereign.locales import Locales
from pisovereign.memory.retrieval import RetrievalMetrics
from pisovereign.metrics.coarse import CoarseCounts
from pisovereign.metrics.service import MetricsService
from pisovereign.models.embeddings import embedding_dimensions
from pisovereign.models.manifest import Manifest, load_manifest
from pisovereign.models.store import ModelStore
from pisovereign.outbound.outbound import Outbound
from pisovereign.runtime import Runtime
from pisovereign.storage.pool import Database
from pisovereign.storage.sealing import Sealer
from pisovereign.system.served_models import ServedModels
from pisovereign.telemetry.http_metrics import HttpMetrics

if TYPE_CHECKING:
    from array import array


_CALLER_BYTES = 500
_CALLER_S = 5.0  # a notice of a change that is lost is made good after it


class AppMetrics:
    """Everything that a worker counts, in one registry.

    Args:
        commands: Every type of command there is.
    """

    def __init__(self, commands: Sequence[str]) -> None:
        self.registry = CollectorRegistry()
        self.http = HttpMetrics(self.registry)
        self.inference = InferenceMetrics(self.registry)
        self.held = HeldMetrics(self.registry)
        self.cache = CacheMetrics(self.registry)
        self.retrieval = RetrievalMetrics(self.registry)
        self.commands = CommandMetrics(commands, self.registry)
        self.catalog = CatalogMetrics(self.registry)
        self.approvals = ApprovalMetrics(self.registry)
        self.backup = BackupMetrics(self.registry)


class CacheRegions:
    """The kinds of values in the one cache, and how long each is kept."""

    def __init__(self, config: CacheConfig, meter: CacheMetrics) -> None:
        self.cache = cache = Cache(config.bytes, config.entries, meter)
        self.answers: Region[CachedAnswer] = Region(cache, "answers", config.answers_s, answer_size)
        self.embeddings: Region[array[float]] = Region(
            cache, "embeddings", config.embeddings_s, lambda vector: len(vector) * 4
        )
        self.callers: Region[Caller] = Region(cache, "callers", _CALLER_S, lambda _: _CALLER_BYTES)


class Infrastructure:
    """The infrastructure that each part may use.

    Args:
        config: The checked configuration.
        runtime: Where this process finds the database, the engine and its keys.
    """

    def __init__(self, config: Config, runtime: Runtime) -> None:
        self.config = config
        self.runtime = runtime
        self.locales = Locales(runtime.time_zone, runtime.language)
        self.sealer = Sealer(runtime.master_key)
        self.database = Database(
            runtime.database_dsn,
            pool_size=config.database.pool_size,
            statement_timeout_s=config.database.statement_timeout_s,
            user_quota_bytes=config.database.user_quota_bytes,
        )
        self.metrics = AppMetrics([spec.type_name for spec in COMMANDS])
        self.outbound = Outbound(config, named_hosts(config))
        self.engine = EngineClient(
            runtime.engine_target,
            api_key=config.inference.api_key,
            timeout_s=config.inference.timeout_s,
            meter=self.metrics.inference,
            connector=self.outbound.connector,
        )
        self.cache = CacheRegions(config.cache, self.metrics.cache)
        self.answers = CachedAnswers(self.engine, self.cache.answers)
        self.encoders = _build_encoders(
            config.memory, self.engine, load_manifest(), self.cache.embeddings
        )
        socket = Path(runtime.engine_target) if self.engine.own else None
        self.switching = SwitchClient(switch_socket(socket) if socket else None)
        self.model_store = ModelStore(models_dir())
        self.models = ServedModels(
            config.inference, self.engine, self.model_store, self.switching, socket
        )
        self.keys = KeyRing(
            config.security,
            runtime.owner_key,
            runtime.master_key,
            trial_key=runtime.trial_key,
        )
        self.metrics_service = MetricsService(
            self.metrics.registry,
            self.engine,
            runtime.started_at,
            CoarseCounts(runtime.master_key, runtime.started_at),
        )
        self.bodies = BodyReader(config.server.body_limit_bytes, config.server.body_timeout_s)
        self.events = build_events(config, self.database, self.sealer)

    def current_model(self) -> str:
        """Return the id of the model in use, as it was known the last time."""
        return self.models.last_known


def _build_encoders(
    config: MemoryConfig, engine: EngineClient, manifest: Manifest, cache: Region[array[float]]
) -> EncoderSet:
    known = {
        model.id: frozenset(model.languages)
        for model in manifest.of_kind("embedding")
        if model.languages is not None
    }
    encoders = [
        Encoder(
            engine,
            model,
            embedding_dimensions(manifest, model, dimensions),
            cache,
            known.get(model),
        )
        for model, dimensions in config.embedding_choices
    ]
    return EncoderSet(engine, encoders, cache)
