"""What everything else stands on."""

from __future__ import annotations

from pisovereign.actions.registry import COMMANDS
from pisovereign.api_keys import KeyRing
from pisovereign.asgi.body import BodyReader
from pisovereign.assembly.cache import Regions
from pisovereign.assembly.meters import Meters
from pisovereign.config import Config
from pisovereign.engine_client.answer_cache import Answers
from pisovereign.engine_client.client import EngineClient
from pisovereign.events.build import build_events
from pisovereign.metrics.service import MetricsService
from pisovereign.models.manifest import load_manifest
from pisovereign.outbound.outbound import Outbound
from pisovereign.runtime import Runtime
from pisovereign.storage.pool import Database
from pisovereign.storage.sealing import Sealer
from pisovereign.system.catalog import ModelCatalog


class Foundation:
    """Database, engine, keys, counts, cache, and the way out."""

    def __init__(self, config: Config, runtime: Runtime) -> None:
        self.database = Database(
            runtime.database_dsn,
            pool_size=config.database.pool_size,
            statement_timeout_s=config.database.statement_timeout_s,
        )
        self.meters = Meters([spec.type_name for spec in COMMANDS])
        self.outbound = Outbound(config)
        self.engine = EngineClient(
            runtime.engine_target,
            api_key=config.inference.api_key,
            timeout_s=config.inference.timeout_s,
            meter=self.meters.inference,
            connector=self.outbound.connector,
        )
        self.kept = Regions(config.cache, self.meters.cache)
        self.answers = Answers(self.engine, self.kept.answers)
        self.models = ModelCatalog(config.inference, self.engine, load_manifest())
        self.keys = KeyRing(config.security, runtime.owner_key)
        self.metrics = MetricsService(self.meters.registry, self.engine, runtime.started_at)
        self.bodies = BodyReader(config.server.body_limit_bytes, config.server.body_timeout_s)
        self.events = build_events(config, self.database, Sealer(runtime.master_key))
