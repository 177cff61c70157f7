"""Types of forms and trials of connectors."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

FieldType = Literal[
    "text", "secret", "number", "decimal", "choice", "choices", "switch", "names", "senders", "file"
]
StepName = Literal["resolve", "connect", "tls", "sign_in", "read", "write"]


class Provider(msgspec.Struct, frozen=True, kw_only=True):
    """A provider of a service: values for fields, and what else one has to know."""

    id: str
    name: str
    domains: list[str] = []
    values: dict[str, Any] = {}
    hint: str = ""
    link: str = ""
    usable: bool = True


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One step of a test, at one server; `detail` is what was seen, or what is wrong."""

    name: StepName
    title: str
    server: str
    status: Literal["done", "failed", "skipped"]
    detail: str = ""
    took_ms: float | None = None


class TestResult(msgspec.Struct, frozen=True):
    """How a test went; `detail` is its result in a few words."""

    __test__ = False

    status: Literal["works", "fails"]
    detail: str
    steps: list[Step]
