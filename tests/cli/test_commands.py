"""`pisovereign-cli` as a person runs it."""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
import uuid
from pathlib import Path

import pytest

from pisovereign.api_keys import KeyRing
from pisovereign.config import ApiKey, SecurityConfig
from pisovereign.connectors.configuration import load_config
from pisovereign_native.vectors import kernels
from tests.support.forked_program import run_forked
from tests.support.server import ALICE, ALICE_KEY, Server, clean_environment, free_port

MODULE = [sys.executable, "-m", "pisovereign.cli.main"]


def run(
    *arguments: str | bytes, stdin: str = "", **environment: str
) -> subprocess.CompletedProcess[str]:
    if all(isinstance(each, str) for each in arguments):
        words = [str(each) for each in arguments]
        return run_forked("pisovereign.cli.main", words, clean_environment(environment), stdin)
    return subprocess.run(
        [*MODULE, *arguments],
        input=stdin,
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
        env=clean_environment(environment),
    )


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    path = tmp_path / "key"
    path.write_text(f"{ALICE_KEY}\n")
    return path


def test_status(server: Server) -> None:
    done = run("status", f"--url={server.url}")
    assert done.returncode == 0
    assert "PiSovereign is ready" in done.stdout
    assert "database       healthy" in done.stdout
    assert "weather        not configured" in done.stdout
    assert "home_assistant not configured" in done.stdout
    assert f"Vector search on this machine: {kernels()[0]}" in done.stdout
    report = json.loads(run("status", "--json", f"--url={server.url}").stdout)
    assert report["status"] == "ready"


def test_a_server_that_is_away_is_one_line() -> None:
    done = run("status", f"--url=http://127.0.0.1:{free_port()}")
    assert done.returncode == 3
    assert "does not answer" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_chat_keeps_a_conversation(server: Server) -> None:
    name = f"cli-{uuid.uuid4()}"
    environment = {"PISOVEREIGN_URL": server.url, "PISOVEREIGN_API_KEY": ALICE_KEY}
    done = run(
        "chat", f"--conversation={name}", stdin="Say one word.\nAnd another one.\n", **environment
    )
    assert done.returncode == 0, done.stderr
    stored = server.request("GET", f"/v1/conversations/{name}").json()["messages"]
    assert [m["content"] for m in stored if m["role"] == "user"] == [
        "Say one word.",
        "And another one.",
    ]
    answers = [m["content"] for m in stored if m["role"] == "assistant"]
    assert done.stdout == "".join(f"{answer}\n" for answer in answers)


def test_chat_speaks_to_programs(server: Server) -> None:
    environment = {"PISOVEREIGN_URL": server.url, "PISOVEREIGN_API_KEY": ALICE_KEY}
    name = str(uuid.uuid4())
    done = run("chat", "--json", f"--conversation={name}", stdin="help\nhelp\n", **environment)
    assert done.returncode == 0, done.stderr
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(answers) == 2
    assert {answer["conversation_id"] for answer in answers} == {name}
    assert all(answer["content"] for answer in answers)


def test_chat_explains_a_refusal(server: Server, key_file: Path) -> None:
    done = run("chat", "x" * 10_001, f"--url={server.url}", f"--key-file={key_file}")
    assert done.returncode == 1
    assert "message must be at most 10000 characters" in done.stderr
    wrong = run("chat", "hi", f"--url={server.url}", PISOVEREIGN_API_KEY="sk-wrong")
    assert wrong.returncode == 4
    assert "Invalid or missing API key" in wrong.stderr


def test_hash_api_key_reads_stdin_and_never_argv() -> None:
    key = f"sk-{uuid.uuid4()}"
    printed = run("hash-api-key", stdin=f"{key}\n").stdout.strip()
    assert key not in printed
    hashed = ApiKey(hash=printed, user_id=ALICE)
    assert KeyRing(SecurityConfig(api_keys=(hashed,))).identify(key)
    assert run("hash-api-key", key).returncode == 2
    assert run("hash-api-key", stdin="short\n").returncode == 1


def test_migrate_keys_keeps_keys_and_comments(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(
        f'# mine\n[server]\nenvironment = "production"  # live\n'
        f'[security.api_key_users]\n"{ALICE_KEY}" = "{ALICE}"\n'
    )
    path.chmod(0o600)
    environment = {"PISOVEREIGN_CONFIG": str(path)}
    assert run("config", "check", **environment).returncode == 1
    assert run("migrate-keys", **environment).returncode == 0
    assert run("config", "check", **environment).returncode == 0
    text = path.read_text()
    assert ALICE_KEY not in text
    assert "# mine" in text
    assert "# live" in text
    assert path.stat().st_mode & 0o777 == 0o600
    identity = KeyRing(load_config(environment).security).identify(ALICE_KEY)
    assert identity is not None
    assert str(identity.user_id) == ALICE
    assert KeyRing(SecurityConfig()).identify(ALICE_KEY) is None


def test_config_show_is_toml_without_secrets(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(f'[server]\nport = 4711\n[security.api_key_users]\n"{ALICE_KEY}" = "{ALICE}"\n')
    done = run("config", "show", PISOVEREIGN_CONFIG=str(path), PISOVEREIGN_CHAT__CLOCK="false")
    shown = tomllib.loads(done.stdout)
    assert shown["server"]["port"] == 4711
    assert shown["chat"]["clock"] is False
    assert ALICE_KEY not in done.stdout


def test_config_check_names_the_fault(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text("[server]\nprot = 4711\n")
    done = run("config", "check", PISOVEREIGN_CONFIG=str(path))
    assert done.returncode == 1
    assert f"{path}: server.prot is not a known field; did you mean server.port?" in done.stderr
