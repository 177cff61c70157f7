"""The sealed texts of tasks, each bound to its place."""

from __future__ import annotations

from typing import Any, TypeVar
from uuid import UUID

import msgspec

from pisovereign.agents.types import Draft, Refusal, Request
from pisovereign.storage.sealing import Sealer

_encoder = msgspec.json.Encoder()
T = TypeVar("T")


class TaskOutcome(msgspec.Struct, frozen=True, omit_defaults=True):
    """The outcome of a task: the summary of its plan, and its result or why there is none."""

    plan_summary: str | None = None
    result: str | None = None
    reason: str | None = None


class PartContent(msgspec.Struct, frozen=True):
    """The content of a sub-task: what it is to do, or why it is refused."""

    description: str
    tool: str
    arguments: dict[str, Any]
    refusal: Refusal | None = None


class PartOutcome(msgspec.Struct, frozen=True, omit_defaults=True):
    """The outcome of a sub-task: its result, or why there is none."""

    result: str | None = None
    reason: str | None = None

    @classmethod
    def of_command(cls, status: str, told: str) -> PartOutcome:
        """Return what came of a command that was carried out, which need not have succeeded."""
        return cls(result=told) if status == "completed" else cls(reason=told)


class AgentSealer:
    """Seals and opens what people, models and tools wrote."""

    def __init__(self, sealer: Sealer) -> None:
        self._sealer = sealer
        self.key_id = sealer.key_id

    def request(self, user: UUID, task: UUID, request: Request) -> bytes:
        """Return a request, sealed."""
        return self._seal(request, _place(b"request", user, task))

    def open_request(self, user: UUID, task: UUID, key_id: str, sealed: bytes) -> Request:
        """Return a request.

        Raises:
            SealError: as for everything here, it was changed since.
        """
        return self._open(sealed, key_id, _place(b"request", user, task), Request)

    def outcome(self, user: UUID, task: UUID, outcome: TaskOutcome) -> bytes:
        """Return a task's outcome, sealed."""
        return self._seal(outcome, _place(b"outcome", user, task))

    def open_outcome(
        self, user: UUID, task: UUID, key_id: str, sealed: bytes | None
    ) -> TaskOutcome:
        """Return a task's outcome."""
        if sealed is None:
            return TaskOutcome()
        return self._open(sealed, key_id, _place(b"outcome", user, task), TaskOutcome)

    def part(self, user: UUID, task: UUID, number: int, draft: Draft) -> bytes:
        """Return what a sub-task is to do, sealed."""
        content = PartContent(draft.description, draft.tool, draft.arguments, draft.refusal)
        return self._seal(content, _place(b"part", user, task, number))

    def open_part(
        self, user: UUID, task: UUID, number: int, key_id: str, sealed: bytes
    ) -> PartContent:
        """Return what a sub-task is to do."""
        return self._open(sealed, key_id, _place(b"part", user, task, number), PartContent)

    def part_outcome(self, user: UUID, task: UUID, number: int, outcome: PartOutcome) -> bytes:
        """Return what came of a sub-task, sealed."""
        return self._seal(outcome, _place(b"part outcome", user, task, number))

    def open_part_outcome(
        self, user: UUID, task: UUID, number: int, key_id: str, sealed: bytes | None
    ) -> PartOutcome:
        """Return what came of a sub-task."""
        if sealed is None:
            return PartOutcome()
        return self._open(sealed, key_id, _place(b"part outcome", user, task, number), PartOutcome)

    def _seal(self, value: Any, place: bytes) -> bytes:
        return self._sealer.seal(_encoder.encode(value).decode(), aad=place).data

    def _open(self, sealed: bytes, key_id: str, place: bytes, kind: type[T]) -> T:
        return msgspec.json.decode(self._sealer.open(bytes(sealed), key_id, place), type=kind)


def _place(what: bytes, user: UUID, task: UUID, number: int = 0) -> bytes:
    return b"agents." + what + b"." + task.bytes + user.bytes + number.to_bytes(8, "big")
