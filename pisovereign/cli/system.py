"""`pisovereign-cli status`, `system` and `integrations`: the state of server and services."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from pisovereign.cli.actions import Commands, flag
from pisovereign.cli.api import add_url_option, open_session
from pisovereign.cli.output import decode, print_table, printable
from pisovereign_native.vectors import kernels

COMMANDS = Commands()


@COMMANDS.runs(
    "status",
    "show whether every service is healthy",
    flag("--json", "print the server's own words"),
    options=(add_url_option,),
)
def _status(args: argparse.Namespace) -> int:
    with open_session(args, with_key=False).open("GET", "/ready/all") as response:
        body = response.read()
    report = decode(body)
    if args.json:
        sys.stdout.write(body.decode() + "\n")
    else:
        print(f"PiSovereign is {report['status'].replace('_', ' ')}")
        for name, service in report["services"].items():
            print(printable(f"  {name:<14} {_describe_health(service)}"))
        # The server uses the fastest one too, if it runs on this machine.
        print(f"Vector search on this machine: {', '.join(kernels())}, the first of which is used")
    return 0 if report["status"] == "ready" else 1


def _describe_health(service: dict[str, Any]) -> str:
    if service["healthy"] is None:
        return "not configured"
    if service["healthy"]:
        took = service.get("latency_ms")
        return "healthy" if took is None else f"healthy ({took} ms)"
    return f"FAILED: {service.get('error', 'unknown')}"


def _print_models(answer: Any) -> None:
    models = answer["models"] if isinstance(answer, dict) else answer
    head = ("id", "parameters", "context", "default")
    rows = [
        (m["id"], m["parameters"] or "?", m["context_length"], "yes" if m["default"] else "")
        for m in models
    ]
    print_table(head, rows)
    for model in models:
        if warning := model.get("template_warning"):
            print(printable(f"{model['id']}: {warning}"))


_system = COMMANDS.group("system", "see what the server does and takes")
_system.asks("status", "show model, memory, cache and time", "GET /v1/system/status")
_system.asks("models", "show which models answer", "GET /v1/system/models", tell=_print_models)
_system.asks("metrics", "show what was counted", "GET /metrics")


def _print_trials(answer: Any) -> None:
    for outcome in answer["integrations"]:
        print(printable(f"{outcome['name']:<14} {_describe_trial(outcome)}"))


def _describe_trial(outcome: dict[str, Any]) -> str:
    match outcome["status"]:
        case "works":
            return f"works ({outcome['latency_ms']} ms): {outcome['detail']}"
        case "fails":
            return f"FAILS: {outcome['detail']}"
        case _:
            return f"not set up: {outcome['detail']}"


_integrations = COMMANDS.group("integrations", "weather, calendar, mail and the like")
_integrations.asks(
    "test",
    "say which of them work and what to fix",
    "POST /v1/integrations/test",
    tell=_print_trials,
    code=lambda answer: int(any(it["status"] == "fails" for it in answer["integrations"])),
)
