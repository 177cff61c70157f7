"""Everything that a worker counts."""

from __future__ import annotations

from collections.abc import Sequence

from prometheus_client import CollectorRegistry

from pisovereign.actions.metrics import CommandMetrics
from pisovereign.approvals.metrics import ApprovalMetrics
from pisovereign.cache.metrics import CacheMetrics
from pisovereign.catalog.execution import CatalogMetrics
from pisovereign.engine_client.metrics import InferenceMetrics
from pisovereign.memory.metrics import RetrievalMetrics
from pisovereign.metrics.http import HttpMetrics


class Meters:
    """One of each kind, in one registry.

    Args:
        commands: every type of command there is.
    """

    def __init__(self, commands: Sequence[str]) -> None:
        self.registry = CollectorRegistry()
        self.http = HttpMetrics(self.registry)
        self.inference = InferenceMetrics(self.registry)
        self.cache = CacheMetrics(self.registry)
        self.retrieval = RetrievalMetrics(self.registry)
        self.commands = CommandMetrics(commands, self.registry)
        self.catalog = CatalogMetrics(self.registry)
        self.approvals = ApprovalMetrics(self.registry)
