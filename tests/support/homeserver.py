"""A homeserver of Matrix on the loopback: Synapse, and people with an account there."""

from __future__ import annotations

import hashlib
import hmac
import json
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

import requests
import yaml

from tests.support.patience import PATIENCE_S
from tests.support.server import ALICE, BOB, free_port, wait_until

NAME = "house.test"
ASSISTANT, ALICE_ACCOUNT, BOB_ACCOUNT, STRANGER = (
    f"@{name}:{NAME}" for name in ("assistant", "alice", "bob", "stranger")
)
_SECRET = "a secret of tests"
_MANY = {"per_second": 10_000, "burst_count": 10_000}


class Homeserver:
    """Synapse with a database in memory; `tokens` are those of the accounts."""

    def __init__(self) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.tokens: dict[str, str] = {}
        self._folder = tempfile.TemporaryDirectory(prefix="pisov-synapse-")
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        folder = Path(self._folder.name)
        config = folder / "homeserver.yaml"
        config.write_text(yaml.safe_dump(self._config(folder)))
        run = [sys.executable, "-m", "synapse.app.homeserver", "-c", str(config)]
        subprocess.run([*run, "--generate-keys"], cwd=folder, check=True, capture_output=True)
        with (folder / "log").open("wb") as log:
            self._process = subprocess.Popen(run, cwd=folder, stdout=log, stderr=log)
        wait_until(self._answers, PATIENCE_S, "Synapse")
        for account in (ASSISTANT, ALICE_ACCOUNT, BOB_ACCOUNT, STRANGER):
            self.tokens[account] = self._register(account[1:].partition(":")[0])
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(PATIENCE_S)
        self._folder.cleanup()

    def settings(self, **more: str) -> dict[str, str]:
        """The variables that make a program use the account; Alice may approve, Bob may not."""
        senders = [
            {"account": ALICE_ACCOUNT, "user_id": ALICE},
            {"account": BOB_ACCOUNT, "user_id": BOB, "approve": False},
        ]
        return {
            "PISOVEREIGN_MATRIX__HOMESERVER": self.url,
            "PISOVEREIGN_MATRIX__ACCESS_TOKEN": self.tokens[ASSISTANT],
            "PISOVEREIGN_MATRIX__SENDERS": json.dumps(senders),
            "PISOVEREIGN_MATRIX__POLL_S": "2",
            "PISOVEREIGN_INFERENCE__MAX_TOKENS": "12",
            "PISOVEREIGN_INFERENCE__TEMPERATURE": "0.0",
            **more,
        }

    def call(self, account: str, method: str, path: str, **values: Any) -> Any:
        """What the homeserver answers somebody."""
        headers = {"Authorization": f"Bearer {self.tokens[account]}"}
        address = f"{self.url}/_matrix/{path}"
        reply = requests.request(method, address, headers=headers, timeout=PATIENCE_S, **values)
        assert reply.status_code == 200, reply.text
        return reply.json()

    def room(self, account: str, *others: str) -> str:
        """A room that somebody made, and the assistant and others are invited to."""
        body = {"preset": "private_chat", "invite": [ASSISTANT, *others], "is_direct": True}
        room: str = self.call(account, "POST", "client/v3/createRoom", json=body)["room_id"]
        for other in others:
            self.join(other, room)
        return room

    def enter(self, account: str) -> str:
        """Somebody accepts the assistant's invitation; returns the room."""
        wait_until(lambda: self._made_for(account), PATIENCE_S, "a room of the assistant's")
        self.join(account, self._made_for(account))
        return self._made_for(account)

    def _made_for(self, account: str) -> str:
        path = f"client/v3/user/{quote(ASSISTANT)}/account_data/m.direct"
        headers = {"Authorization": f"Bearer {self.tokens[ASSISTANT]}"}
        found = requests.get(f"{self.url}/_matrix/{path}", headers=headers, timeout=PATIENCE_S)
        return str(found.json().get(account, [""])[-1])

    def join(self, account: str, room: str) -> None:
        """Somebody accepts an invitation."""
        self.call(account, "POST", f"client/v3/rooms/{quote(room)}/join", json={})

    def refuses(self, account: str, method: str, path: str, **values: Any) -> bool:
        """Whether somebody may not do something."""
        headers = {"Authorization": f"Bearer {self.tokens[account]}"}
        address = f"{self.url}/_matrix/{path}"
        reply = requests.request(method, address, headers=headers, timeout=PATIENCE_S, **values)
        return reply.status_code == 403

    def leave(self, account: str, room: str) -> None:
        """Somebody leaves a room."""
        self.call(account, "POST", f"client/v3/rooms/{quote(room)}/leave", json={})

    def rooms(self, account: str) -> list[str]:
        """The rooms that somebody is in."""
        joined = self.call(account, "GET", "client/v3/joined_rooms")["joined_rooms"]
        return [str(room) for room in joined]

    def invitations(self, account: str) -> list[str]:
        """The rooms that somebody is invited to."""
        path = 'client/v3/sync?timeout=0&filter={"room":{"timeline":{"limit":1}}}'
        return list(self.call(account, "GET", path).get("rooms", {}).get("invite", {}))

    def write(self, account: str, room: str, text: str = "", **content: Any) -> str:
        """Somebody writes a message, or something else; returns the event's id."""
        kind = content.pop("event", "m.room.message")
        body = {"msgtype": "m.text", "body": text} | content
        path = f"client/v3/rooms/{quote(room)}/send/{kind}/{uuid.uuid4()}"
        event: str = self.call(account, "PUT", path, json=body)["event_id"]
        return event

    def upload(self, account: str, data: bytes) -> str:
        """Somebody uploads a file; returns its `mxc://` address."""
        uri: str = self.call(account, "POST", "media/v3/upload", data=data)["content_uri"]
        return uri

    def texts(self, room: str, reader: str = ALICE_ACCOUNT) -> list[str]:
        """What the assistant wrote into a room, the oldest first."""
        path = f"client/v3/rooms/{quote(room)}/messages?dir=b&limit=100"
        chunk: Sequence[dict[str, Any]] = self.call(reader, "GET", path)["chunk"]
        return [
            event["content"]["body"]
            for event in reversed(chunk)
            if event["type"] == "m.room.message" and event["sender"] == ASSISTANT
        ]

    def wait_for(self, count: int, room: str, reader: str = ALICE_ACCOUNT) -> list[str]:
        """Until the assistant wrote so many messages into a room; returns them."""
        what = f"{count} messages"
        wait_until(lambda: len(self.texts(room, reader)) >= count, PATIENCE_S, what)
        return self.texts(room, reader)

    def read_up_to(self, room: str) -> str:
        """Up to which event the assistant has read a room."""
        path = 'client/v3/sync?timeout=0&filter={"room":{"timeline":{"limit":1}}}'
        joined = self.call(ALICE_ACCOUNT, "GET", path)["rooms"]["join"][room]
        for event in joined["ephemeral"]["events"]:
            receipts_of = event["content"] if event["type"] == "m.receipt" else {}
            for identifier, receipts in receipts_of.items():
                if ASSISTANT in receipts.get("m.read", {}):
                    return str(identifier)
        return ""

    def _answers(self) -> bool:
        try:
            return requests.get(f"{self.url}/health", timeout=5).status_code == 200
        except requests.ConnectionError:
            return False

    def _register(self, name: str) -> str:
        """Make an account as the homeserver's owner does; returns its token."""
        path = f"{self.url}/_synapse/admin/v1/register"
        nonce: str = requests.get(path, timeout=PATIENCE_S).json()["nonce"]
        parts = [nonce, name, "a password", "notadmin"]
        mac = hmac.new(_SECRET.encode(), "\0".join(parts).encode(), hashlib.sha1).hexdigest()
        body = {"nonce": nonce, "username": name, "password": "a password", "mac": mac}
        made = requests.post(path, json=body | {"admin": False}, timeout=PATIENCE_S)
        assert made.status_code == 200, made.text
        token: str = made.json()["access_token"]
        return token

    def _config(self, folder: Path) -> dict[str, Any]:
        return {
            "server_name": NAME,
            "pid_file": str(folder / "pid"),
            "listeners": [
                {
                    "port": self.port,
                    "bind_addresses": ["127.0.0.1"],
                    "type": "http",
                    "resources": [{"names": ["client"]}],
                }
            ],
            "database": {"name": "sqlite3", "args": {"database": str(folder / "db")}},
            "registration_shared_secret": _SECRET,
            "macaroon_secret_key": _SECRET,
            "signing_key_path": str(folder / "signing.key"),
            "media_store_path": str(folder / "media"),
            "report_stats": False,
            # Else the same question is answered for minutes as it was the first time.
            "caches": {"sync_response_cache_duration": "0s"},
            "trusted_key_servers": [],
            "rc_message": _MANY,
            "rc_registration": _MANY,
            "rc_joins": {"local": _MANY, "remote": _MANY},
            "rc_invites": {"per_room": _MANY, "per_user": _MANY, "per_issuer": _MANY},
        }
