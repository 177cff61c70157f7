"""Health, metrics and the system."""

from __future__ import annotations

from pisovereign.metrics.types import Report
from pisovereign.openapi.answers import Alive, Models, Ready, ReadyAll, Trials
from pisovereign.openapi.operation import Answer, Operation
from pisovereign.system.status import Status

HEALTH, SYSTEM, METRICS = "Health", "System", "Metrics"
OPERATIONS = (
    Operation(
        method="get",
        path="/health",
        id="health",
        tag=HEALTH,
        summary="Liveness probe",
        answer=Answer(type=Alive),
        public=True,
    ),
    Operation(
        method="get",
        path="/ready",
        id="ready",
        tag=HEALTH,
        summary="Readiness probe with inference engine status",
        answer=Answer(type=Ready, also=503),
        public=True,
    ),
    Operation(
        method="get",
        path="/ready/all",
        id="readyAll",
        tag=HEALTH,
        summary="Extended health check with all service statuses",
        answer=Answer(type=ReadyAll, also=503),
        public=True,
    ),
    Operation(
        method="get",
        path="/metrics",
        id="metrics",
        tag=METRICS,
        summary="JSON metrics for monitoring",
        answer=Answer(type=Report),
        errors=(429,),
        public=True,
    ),
    Operation(
        method="get",
        path="/metrics/prometheus",
        id="prometheusMetrics",
        tag=METRICS,
        summary="Prometheus-compatible metrics",
        answer=Answer(media="text/plain"),
        errors=(429,),
        public=True,
    ),
    Operation(
        method="get",
        path="/v1/system/status",
        id="systemStatus",
        tag=SYSTEM,
        summary="Get system status and resource usage",
        answer=Answer(type=Status),
    ),
    Operation(
        method="get",
        path="/v1/system/models",
        id="systemModels",
        tag=SYSTEM,
        summary="List available inference models",
        answer=Answer(type=Models),
        errors=(502,),
    ),
    Operation(
        method="post",
        path="/v1/integrations/test",
        id="testIntegrations",
        tag=SYSTEM,
        summary="Ask each configured service outside now",
        answer=Answer(type=Trials),
    ),
)
