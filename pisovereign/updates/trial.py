"""The trial of a system before it is kept: it has to be ready, answer, and read a memory.

Meanwhile nobody else is served, and nothing goes on in the background: what somebody stored in
these minutes would be lost by a way back. A key for this one start lets the check in. It lies in a
folder that is in memory, and is gone with the start.
"""

from __future__ import annotations

import http
import http.client
import json
import os
import secrets
import time
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from pisovereign.errors import StartError
from pisovereign.updates.board import Board
from pisovereign.updates.state import UpdateState

_KEY = "key"
_PAUSE_S = 2.0
_READY_S, _REQUEST_S = 10.0, 600.0
_LONGEST = 1024 * 1024
_QUESTION = "What is the capital of France? Answer in one word."


def trial_key_file(run: Path) -> Path:
    """Return the file that exists while a system is tried."""
    return run / _KEY


def make_trial_key(run: Path) -> None:
    """Make the key for this start, in a folder that is empty after each; our group may read it.

    Raises:
        StartError: It cannot be made.
    """
    try:
        run.mkdir(mode=0o755, parents=True, exist_ok=True)
        path = trial_key_file(run)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o640)
        with os.fdopen(descriptor, "w") as file:
            file.write(f"sk-{secrets.token_urlsafe(32)}\n")
    except OSError as error:
        raise StartError(f"{run}: {error.strerror}") from None


def is_tried(run: Path) -> bool:
    """Return whether this start is a trial."""
    return trial_key_file(run).exists()


def is_unchecked_trial(board: Board, state: UpdateState | None) -> bool:
    """Return whether this start is a trial although there is no key for it: settling it failed.

    Whoever is served by such a system stores what the way back would take away.
    """
    if state is None or state.stage != "trying" or is_tried(board.run):
        return False
    try:
        return board.running_slot() == state.slot
    except StartError:
        return False


def read_trial_key(run: Path) -> str | None:
    """Return the key of the trial that this start is; None: it is none.

    Raises:
        StartError: It is one, and the key cannot be read: nobody may be served then.
    """
    path = trial_key_file(run)
    try:
        return path.read_text("ascii").strip()
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise StartError(f"{path}: {error}") from None


def drop_trial_key(run: Path) -> None:
    """Remove it: the API serves everybody again once it has been started again."""
    trial_key_file(run).unlink(missing_ok=True)


def check_system(port: int, key: str, limit_s: float) -> None:
    """Require that the program is ready, answers a question and reads what it remembers.

    Args:
        port: of the program on this machine.
        key: for this start, or any other that may ask.
        limit_s: how long it may take until it is ready.

    Raises:
        StartError: It does not work; the text says what.
    """
    _wait_until_ready(port, limit_s)
    body = {"messages": [{"role": "user", "content": _QUESTION}], "max_tokens": 8}
    answer = _ask(port, key, "POST", "/v1/chat/completions", body)
    try:
        text = answer["choices"][0]["message"]["content"]
    except (LookupError, TypeError):
        text = None
    if not isinstance(text, str) or not text.strip():
        raise StartError("a chat has no answer")
    # Opening what is sealed; then the encoder and the index too.
    for path in ("/v1/memories?limit=1", "/v1/memories/search?q=home&limit=1"):
        found = _ask(port, key, "GET", path)
        if not isinstance(found, list) or any("error" in memory for memory in found):
            raise StartError("the memories cannot be read")


def _wait_until_ready(port: int, limit_s: float) -> None:
    end, last = time.monotonic() + limit_s, "no answer"
    while time.monotonic() < end:
        try:
            status, _ = _request(port, "GET", "/ready", limit_s=_READY_S)
        except (OSError, http.client.HTTPException) as error:
            last = str(error) or type(error).__name__
        else:
            if status == http.HTTPStatus.OK:
                return
            last = f"status {status}"
        time.sleep(_PAUSE_S)
    raise StartError(f"it is not ready after {limit_s:.0f} s: {last}")


def _ask(port: int, key: str, method: str, path: str, body: object = None) -> Any:
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    data = None if body is None else json.dumps(body)
    name = f"{method} {path.partition('?')[0]}"
    try:
        status, answer = _request(
            port, method, path, limit_s=_REQUEST_S, headers=headers, body=data
        )
        if status != http.HTTPStatus.OK:
            raise StartError(f"{name}: status {status}")
        return json.loads(answer)
    except (OSError, ValueError, http.client.HTTPException) as error:
        raise StartError(f"{name}: {error or type(error).__name__}") from None


def _request(
    port: int,
    method: str,
    path: str,
    *,
    limit_s: float,
    headers: Mapping[str, str] = MappingProxyType({}),
    body: str | None = None,
) -> tuple[int, bytes]:
    """Return status and body of a request to this machine."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=limit_s)
    try:
        connection.request(method, path, body, headers)
        response = connection.getresponse()
        return response.status, response.read(_LONGEST)
    finally:
        connection.close()
