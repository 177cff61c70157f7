"""Reading what a running server counted."""

from __future__ import annotations

from typing import Any

import requests
from prometheus_client import CollectorRegistry
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.parser import text_string_to_metric_families

from pisovereign.telemetry.multiprocess import memory_folder
from tests.support.api_process import ApiProcess
from tests.support.patience import PATIENCE_S
from tests.support.server import ADMIN_KEY, Server, wait_until

Series = dict[tuple[str, tuple[tuple[str, str], ...]], float]


EXACT = {"Authorization": f"Bearer {ADMIN_KEY}"}


def sample(server: Server, name: str, **labels: str) -> int:
    """What all workers counted together, without asking one, which would be counted too."""
    folders = [each for each in memory_folder(server.data_dir).iterdir() if each.name.isdecimal()]
    found = 0
    for folder in folders:
        together = CollectorRegistry()
        MultiProcessCollector(together, str(folder))  # type: ignore[no-untyped-call]
        found += int(together.get_sample_value(name, labels) or 0)
    return found


def wait_until_counted(server: Server | ApiProcess) -> None:
    """Wait for the end of every request: its client may have the answer just before it counts."""
    if isinstance(server, Server):
        wait_until(lambda: not sample(server, "http_active_requests"), PATIENCE_S, "all answers")


def page(server: Server | ApiProcess) -> str:
    wait_until_counted(server)
    response = requests.get(f"{server.url}/metrics/prometheus", headers=EXACT, timeout=PATIENCE_S)
    assert response.status_code == 200
    return response.text


def series(server: Server | ApiProcess) -> Series:
    """Every sample by its name and labels."""
    families = text_string_to_metric_families(page(server))
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in families
        for sample in family.samples
    }


def requests_by_status(found: Series) -> dict[str, float]:
    return {
        dict(labels)["status"]: value
        for (name, labels), value in found.items()
        if name == "http_requests_total"
    }


def counted(found: Series, family: str, **labels: str) -> dict[str, float]:
    """What a counter with a `status` says for each, where the other labels are these."""
    result = {}
    for (name, pairs), value in found.items():
        own = dict(pairs)
        status = own.pop("status", "")
        if name == family and own == labels:
            result[status] = value
    return result


def report(server: Server) -> dict[str, Any]:
    wait_until_counted(server)
    body: dict[str, Any] = requests.get(
        f"{server.url}/metrics", headers=EXACT, timeout=PATIENCE_S
    ).json()
    return body
