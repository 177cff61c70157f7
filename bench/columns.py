"""Servers that answer the same questions: our two streams, `llama-server`, and another checkout.

Our two streams have an account each, so that neither finds the other's questions computed; what all
of them have computed beforehand is the system prompt, which is the same.
"""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import msgspec

from bench.dialogue import Target
from bench.llama_server import llama_server
from bench.program import running, running_checkout
from bench.resident import api_worker, child
from pisovereign.config import Config
from pisovereign.engine.compute_settings import WaitPolicy
from pisovereign.engine.openmp import openmp_variables
from tests.support.server import ALICE_KEY, BOB_KEY, Server

NATIVE, COMPLETIONS, PEER, OTHER = "native", "completions", "llama-server", "other native"
# As the program asks its engine for a chat: the rest is fixed there.
_TEMPERATURE = 0.7
_SAMPLING: dict[str, float | bool] = {
    "temperature": _TEMPERATURE,
    "top_p": 0.9,
    "top_k": 40,
    "min_p": 0.0,
}
_JSON = {"Content-Type": "application/json"}


class Column(msgspec.Struct, frozen=True):
    """A server: how it is asked, and the processes that answer, by what they are."""

    target: Target
    processes: Mapping[str, int]


class PeerSettings(msgspec.Struct, frozen=True, kw_only=True):
    """How `llama-server` is started.

    Attributes:
        options: of its command line.
        wait_policy: how its threads wait for each other, as our engine's do.
    """

    options: Sequence[str] = ()
    wait_policy: WaitPolicy = "passive"

    def __str__(self) -> str:
        return f"{' '.join(self.options)}, {self.wait_policy}"


class Model(msgspec.Struct, frozen=True, kw_only=True):
    """What answers: a model's id, and the folder that its own folder is in."""

    id: str
    root: Path

    @property
    def weights(self) -> Path:
        """Return its GGUF file."""
        return self.root / self.id / "model.gguf"

    def settings(self, more: Mapping[str, str]) -> dict[str, str]:
        """Return `PISOVEREIGN_...` variables with which the program answers with it."""
        return {
            "PISOVEREIGN_MODELS_DIR": str(self.root),
            "PISOVEREIGN_INFERENCE__MODEL": self.id,
            # The others have no clock: the prompts would not be the same.
            "PISOVEREIGN_CHAT__CLOCK": "false",
            **more,
        }


@contextlib.contextmanager
def our_columns(model: Model, settings: Mapping[str, str]) -> Iterator[dict[str, Column]]:
    """Run the program, and yield its native stream and its completions.

    Args:
        model: what answers.
        settings: `PISOVEREIGN_...` variables.
    """
    with running(**model.settings(settings)) as server:
        processes = _processes(server)
        completions = Target(
            dialect="openai",
            url=f"{server.url}/v1/chat/completions",
            headers=_JSON | {"Authorization": f"Bearer {BOB_KEY}"},
            extra=_SAMPLING,
            system_prompt=Config().chat.system_prompt,
            model=model.id,
        )
        yield {
            NATIVE: Column(_native(server), processes),
            COMPLETIONS: Column(completions, processes),
        }


@contextlib.contextmanager
def other_column(
    checkout: Path, model: Model, settings: Mapping[str, str]
) -> Iterator[dict[str, Column]]:
    """Run the program of another checkout, and yield its native stream."""
    with running_checkout(checkout, **model.settings(settings)) as server:
        yield {OTHER: Column(_native(server), _processes(server))}


@contextlib.contextmanager
def peer_column(
    model: Model, places: int, length: int, settings: PeerSettings
) -> Iterator[dict[str, Column]]:
    """Run `llama-server` with the same weights.

    Args:
        model: what answers.
        places: answers that it writes at once.
        length: tokens of each of them, with its prompt.
        settings: more of its settings.
    """
    size = ["--parallel", str(places), "--ctx-size", str(places * length)]
    with tempfile.TemporaryDirectory(prefix="pisovereign-bench-") as folder:
        log = Path(folder) / "llama-server.log"
        waiting = openmp_variables(settings.wait_policy)
        options = [*size, *settings.options]
        with llama_server(model.weights, model.id, log, options, **waiting) as url:
            target = Target(
                dialect="openai",
                url=f"{url}/v1/chat/completions",
                headers=_JSON,
                extra=_SAMPLING | {"cache_prompt": True},
                system_prompt=Config().chat.system_prompt,
            )
            yield {PEER: Column(target, {"engine": child("llama-server")})}


def _native(server: Server) -> Target:
    return Target(
        dialect="pisovereign",
        url=f"{server.url}/v1/chat/stream",
        headers=_JSON | {"Authorization": f"Bearer {ALICE_KEY}"},
        extra={"temperature": _TEMPERATURE},
    )


def _processes(server: Server) -> dict[str, int]:
    return {"engine": server.child("pisovereign.engine.main"), "API": api_worker(server)}
