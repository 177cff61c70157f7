"""The routes of health and of the system's state."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from falcon.asgi import Request, Response

from pisovereign.asgi.routes import Example, Routes, route
from pisovereign.connectors.registry import CONNECTORS
from pisovereign.health import Check, ServiceHealth, check_all, check_one
from pisovereign.metrics.service import MetricsService
from pisovereign.model_tests.abilities import ModelAbilities
from pisovereign.system.served_models import ServedModels
from pisovereign.system.status import Status, SystemStatus
from pisovereign.system.types import Alive, InferenceState, Models, Percentiles, Ready, ReadyAll
from pisovereign.telemetry.http_metrics import DURATION


class HealthRoutes(Routes, tag="Health"):
    """Health over HTTP: public, and exempt from the rate limit.

    Args:
        inference: Asks the engine.
        models: Know which model is in use.
        checks: Those of every service; None for one that is not configured.
        metrics: Knows how long requests take.
    """

    def __init__(
        self,
        inference: Check,
        models: ServedModels,
        checks: Mapping[str, Check | ServiceHealth | None],
        metrics: MetricsService,
    ) -> None:
        self._inference = inference
        self._models = models
        self._checks = checks
        self._metrics = metrics

    @route(
        "GET",
        "/health",
        summary="Liveness probe",
        public=True,
        unlimited=True,
        head=True,
        example=Example(response={"status": "ok"}),
    )
    async def health(self, req: Request, resp: Response) -> Alive:
        """Report that the process is alive."""
        return Alive("ok")

    @route(
        "GET",
        "/ready",
        summary="Readiness probe with inference engine status",
        public=True,
        unlimited=True,
        also=503,
        head=True,
        example=Example(
            response={
                "status": "ready",
                "inference": {"healthy": True, "model": "smollm2-135m-instruct", "latency_ms": 1.3},
            }
        ),
    )
    async def ready(self, req: Request, resp: Response) -> Ready:
        """Report whether the model can answer.

        The status is 200 with `ready`, or 503 with `not_ready`, and `error` in place of
        `latency_ms`.
        """
        outcome = await check_one(self._inference)
        resp.status = 200 if outcome.healthy else 503
        model = await self._models.active() if outcome.healthy else self._models.last_known
        state = InferenceState(
            bool(outcome.healthy), model, outcome.latency_ms, error=outcome.error
        )
        return Ready("ready" if outcome.healthy else "not_ready", state)

    @route(
        "GET",
        "/ready/all",
        summary="Extended health check with all service statuses",
        public=True,
        unlimited=True,
        also=503,
        head=True,
        example=Example(
            response={
                "status": "ready",
                "services": {
                    "inference": {"healthy": True, "latency_ms": 1.3},
                    "database": {"healthy": True, "latency_ms": 0.8},
                    "cache": {"healthy": True},
                    **{
                        each.kind.name: {"healthy": None, "status": "not_configured"}
                        for each in CONNECTORS
                        if each.public
                    },
                },
                "latency_percentiles": {"p50_ms": 1.5, "p90_ms": 800.1, "p99_ms": 980.2},
            }
        ),
    )
    async def ready_all(self, req: Request, resp: Response) -> ReadyAll:
        """Check every service, all at the same time, for at most 5 seconds.

        The status is 503 if one has failed. One that is not configured is no failure.
        `latency_percentiles` are those of the requests served since the start.
        """
        services = await check_all(self._checks)
        ready = all(service.healthy is not False for service in services.values())
        resp.status = 200 if ready else 503
        totals = self._metrics.totals()
        p50, p90, p99 = (
            round(1000 * totals.quantile(DURATION, percent / 100), 1) for percent in (50, 90, 99)
        )
        return ReadyAll("ready" if ready else "not_ready", services, Percentiles(p50, p90, p99))


class SystemRoutes(Routes, tag="System"):
    """The system's state over HTTP."""

    def __init__(
        self, status: SystemStatus, models: ServedModels, abilities: ModelAbilities
    ) -> None:
        self._status = status
        self._models = models
        self._abilities = abilities

    @route(
        "GET",
        "/v1/system/status",
        summary="Get system status and resource usage",
        example=Example(
            response={
                "version": "0.1.0",
                "uptime_seconds": 86400,
                "environment": "production",
                "resources": {"memory_used_mb": 256, "cpu_percent": 15.5, "database_size_mb": 42},
                "statistics": {
                    "requests_total": 15420,
                    "inference_requests": 8930,
                    "cache_hit_rate": 0.73,
                    "prompt_reuse_rate": 0.81,
                },
            }
        ),
    )
    async def system_status(self, req: Request, resp: Response) -> Status:
        """Report the state of the program, and what it takes of the machine.

        `memory_used_mb` is the memory of all its processes, `cpu_percent` how busy the whole
        machine is. `cache_hit_rate` is the share of questions that the
        [cache](configuration.md#cache) has answered, of all workers since the start;
        `prompt_reuse_rate` is the share of prompt tokens that the model did not have to compute
        again.
        """
        return await self._status.read()

    @route(
        "GET",
        "/v1/system/models",
        summary="List available inference models",
        errors=(502,),
        example=Example(
            response={
                "models": [
                    {
                        "id": "smollm2-135m-instruct",
                        "name": "SmolLM2 135M Instruct",
                        "parameters": "135M",
                        "context_length": 8192,
                        "default": True,
                        "abilities": {
                            "tested": False,
                            "calls_tools": False,
                            "languages": [],
                            "reads_commands": False,
                            "scores": {},
                            "reading": None,
                        },
                        "template_warning": "",
                    }
                ]
            }
        ),
    )
    async def system_models(self, req: Request, resp: Response) -> Models:
        """List the models that `model` of a chat request may name.

        `parameters` is `null` when nothing tells them. `abilities` is what a test has shown of the
        model, as in `GET /v1/system/models/{model}/abilities`. `template_warning` says why a model
        is not talked to in the way of its own file, where that is so.
        """
        return Models(
            [
                msgspec.structs.replace(model, abilities=self._abilities.of(model.id))
                for model in await self._models.listed()
            ]
        )
