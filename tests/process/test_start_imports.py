"""What no program imports at its start, because it may never need it and it takes long."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from pisovereign.cli.main import MODULES, build_parser
from tests.support.start_programs import PROGRAMS

# The SDK of the Model Context Protocol, and what it brings.
_MCP = {"mcp", "mcp_types", "pydantic", "httpx2", "anyio"}
_MODELS = {"llama_cpp", "onnxruntime", "tokenizers", "numpy", "jinja2"}
_CALENDAR = {"caldav", "niquests", "lxml", "icalendar", "recurring_ical_events"}
_DOCUMENTS = {"pypdfium2", "soundfile"}
_DATABASE = {"psycopg", "psycopg_pool"}
_HTTP = {"aiohttp", "yarl", "falcon", "uvicorn", "gunicorn", "httptools", "uvloop"}
_KEYS = {"cryptography", "nacl", "webauthn", "cbor2"}
_RARE = {"dbus_fast", "tomlkit", "shtab", "tenacity", "pybreaker", "Stemmer"}
# What a worker of the API imports when somebody needs it first, and megabytes until then.
_LATE = {"cryptography", "email_validator", "segno", "selectolax"}
_OWN = {"pisovereign.app", "pisovereign.actions.registry", "pisovereign.openapi.document"}
_OUTSIDE = _MCP | _MODELS | _CALENDAR | _DOCUMENTS
_EVERYTHING = _OUTSIDE | _DATABASE | _HTTP | _KEYS | _RARE | _OWN

FORBIDDEN = {
    "supervisor": _EVERYTHING | {"asyncio", "http.client"},
    # Its worker is forked from it, and each writes to what both have.
    "api": _EVERYTHING - {"gunicorn"} | {"asyncio", "http.client"},
    "api worker": _OUTSIDE | _LATE | {"webauthn", "cbor2", "dbus_fast", "tomlkit", "shtab"},
    "engine": _EVERYTHING - {"jinja2"},
    "runner": _EVERYTHING | {"asyncio", "pisovereign.config"},
    "runner-privileged": _EVERYTHING | {"asyncio", "pisovereign.config"},
    "set-up": _OUTSIDE | _DATABASE | _OWN,
    "console": _EVERYTHING,
    "appliance settings": _EVERYTHING,
    "appliance schema": _EVERYTHING - _DATABASE | {"pisovereign.config"},
    "appliance engine": _EVERYTHING,
}
# What a command needs of it all; commands that only talk to the server need nothing.
_LOCAL = {"backup", "restore", "bench", "config", "engine", "hash-api-key", "migrate-keys"}
_LOCAL |= {"models", "openapi", "tls"}
# It measures for minutes, as the engine's clients do.
_NEEDED = {"bench": {"aiohttp", "yarl"}}
COMMANDS = [name for names in MODULES.values() for name in names]


def imported(program: str) -> set[str]:
    """The modules that are there once a program has started."""
    script = f"{PROGRAMS[program]}\nimport json, sys\nprint(json.dumps(sorted(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stdout))


@pytest.mark.parametrize("program", FORBIDDEN)
def test_a_program_starts_without_what_it_may_never_need(program: str) -> None:
    assert imported(program) & FORBIDDEN[program] == set()


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_starts_with_little(command: str) -> None:
    found = imported(f"cli {command}")
    assert found & _EVERYTHING == _NEEDED.get(command, set())
    if command not in _LOCAL:
        assert not found & {"asyncio", "pisovereign.config"}


def test_every_command_is_found_without_importing_the_others() -> None:
    (listed,) = (action.choices for action in build_parser()._actions if action.dest == "command")
    assert listed is not None
    assert set(listed) == {*COMMANDS, "completion"}
    for name in COMMANDS:
        (own,) = (
            action.choices for action in build_parser(name)._actions if action.dest == "command"
        )
        assert own is not None
        assert name in own
