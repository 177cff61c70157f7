"""`pisovereign-cli status`, `system` and `integrations`: the state of server and services."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from pisovereign.cli.api import (
    add_connection_options,
    add_url_option,
    error_of,
    open_session,
    request,
)
from pisovereign.cli.output import (
    add_json_option,
    decode,
    print_fields,
    print_table,
    printable,
    show,
)
from pisovereign_native.vectors import kernels


def add_parser(commands: Any) -> None:
    """Add the three commands."""
    _add_status(commands)
    _add_system(commands)
    _add_integrations(commands)


def _add_status(commands: Any) -> None:
    """Add the command."""
    parser = commands.add_parser("status", help="show whether every service is healthy")
    parser.add_argument("--json", action="store_true", help="print the server's own words")
    add_url_option(parser)
    parser.set_defaults(run=status)


def status(args: argparse.Namespace) -> int:
    """Print the health of each service; exit code 0 when the server is ready."""
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


def _add_system(commands: Any) -> None:
    """Add the command and its actions."""
    parser = commands.add_parser("system", help="see what the server does and takes")
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    for name, text, run in (
        ("status", "show model, memory, cache and time", show_status),
        ("models", "show which models answer", show_models),
        ("metrics", "show what was counted", show_metrics),
    ):
        action = actions.add_parser(name, help=text)
        add_json_option(action)
        add_connection_options(action)
        action.set_defaults(run=run)


def show_status(args: argparse.Namespace) -> int:
    """Print the state of the system."""
    show(args, request(args, "GET", "/v1/system/status"), print_fields)
    return 0


def show_models(args: argparse.Namespace) -> int:
    """Print one line for each model that may be named in a request."""
    show(args, request(args, "GET", "/v1/system/models"), _print_models)
    return 0


def show_metrics(args: argparse.Namespace) -> int:
    """Print the values of `/metrics`."""
    show(args, request(args, "GET", "/metrics"), print_fields)
    return 0


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


def _add_integrations(commands: Any) -> None:
    """Add the command and its action."""
    parser = commands.add_parser("integrations", help="weather, calendar, mail and the like")
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    testing = actions.add_parser("test", help="say which of them work and what to fix")
    testing.add_argument("--json", action="store_true", help="print the server's own answer")
    add_connection_options(testing)
    testing.set_defaults(run=test_integrations)


def test_integrations(args: argparse.Namespace) -> int:
    """Print one line for each integration; return 1 if a configured one fails."""
    with open_session(args).open("POST", "/v1/integrations/test") as response:
        if response.status != 200:
            raise error_of(response)
        body = response.read()
    outcomes = decode(body)["integrations"]
    if args.json:
        sys.stdout.write(body.decode() + "\n")
    else:
        for outcome in outcomes:
            print(printable(f"{outcome['name']:<14} {_describe_trial(outcome)}"))
    return 1 if any(outcome["status"] == "fails" for outcome in outcomes) else 0


def _describe_trial(outcome: dict[str, Any]) -> str:
    match outcome["status"]:
        case "works":
            return f"works ({outcome['latency_ms']} ms): {outcome['detail']}"
        case "fails":
            return f"FAILS: {outcome['detail']}"
        case _:
            return f"not set up: {outcome['detail']}"
