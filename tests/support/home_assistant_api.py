"""A stand-in for Home Assistant that speaks its WebSocket protocol, and fails as a test says."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from aiohttp import WSMsgType, web

from tests.support.patience import PATIENCE_S

TOKEN = "a-long-lived-token"
AREAS = [
    {"area_id": "kitchen", "name": "Kitchen", "aliases": ["Küche"]},
    {"area_id": "hall", "name": "Hall", "aliases": []},
]


def entity(identifier: str, name: str, state: str, **more: Any) -> dict[str, Any]:
    """A state as `get_states` has it, with `area`, `aliases` and `exposed` beside it."""
    kept = {key: more.pop(key, default) for key, default in _BESIDE.items()}
    attributes = {"friendly_name": name, **more}
    return {"entity_id": identifier, "state": state, "attributes": attributes, **kept}


_BESIDE: dict[str, Any] = {"area": None, "aliases": [], "exposed": True}
HOUSE = (
    entity("light.kitchen", "Ceiling", "on", area="kitchen"),
    entity("light.hall", "Hall lamp", "off", area="hall", aliases=["Flurlampe"]),
    entity("lock.front", "Front door", "locked", area="hall"),
    entity("switch.pump", "Pump", "off"),
    entity("light.secret", "Secret lamp", "off", exposed=False),
)


class HomeAssistantApi:
    """One house; `failure` says what happens to the next call of a service.

    Attributes:
        calls: Every call of a service that arrived: its name and entities.
        failure: `lost`: it is done and the connection cut before the answer; `held`: it
            is done and never answered; `refused`; None.
        connections: How often somebody signed in.
        items: What is on its list.
    """

    def __init__(self, *house: dict[str, Any]) -> None:
        self.house = {each["entity_id"]: {**each} for each in house or HOUSE}
        self.calls: list[tuple[str, list[str]]] = []
        self.failure: str | None = None
        self.connections = 0
        self.items = ["Milk"]
        self.token = TOKEN
        self.port = 0
        self._sockets: set[web.WebSocketResponse] = set()
        self._loop = asyncio.new_event_loop()
        self._runner: web.AppRunner | None = None
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Listen, at the same port as before if there was one."""
        self._run(self._start())

    def stop(self) -> None:
        """Cut every connection, and listen no longer."""
        self._run(self._stop())

    def close(self) -> None:
        self.stop()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(PATIENCE_S)
        self._loop.close()

    def set(self, identifier: str, state: str) -> None:
        """Change a state as somebody in the house would, which everybody hears."""
        self._run(self._set(identifier, state))

    def rename(self, identifier: str, name: str) -> None:
        """Give something another name, which everybody hears."""
        self.house[identifier]["attributes"]["friendly_name"] = name
        self.set(identifier, self.house[identifier]["state"])

    def _run(self, work: Any) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(PATIENCE_S)

    async def _start(self) -> None:
        app = web.Application()
        app.router.add_get("/api/websocket", self._connected)
        self._runner = web.AppRunner(app)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port, reuse_address=True)
        await site.start()
        self.port = self._runner.addresses[0][1]

    async def _stop(self) -> None:
        for socket in list(self._sockets):
            await socket.close()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def _set(self, identifier: str, state: str) -> None:
        self.house[identifier]["state"] = state
        data = {"entity_id": identifier, "new_state": self.house[identifier]}
        event = {"event_type": "state_changed", "data": data}
        for socket in list(self._sockets):
            await socket.send_json({"id": 1, "type": "event", "event": event})

    async def _connected(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_json({"type": "auth_required", "ha_version": "2026.2.3"})
        given = await socket.receive_json()
        if given != {"type": "auth", "access_token": self.token}:
            await socket.send_json({"type": "auth_invalid", "message": "Invalid access token"})
            await socket.close()
            return socket
        await socket.send_json({"type": "auth_ok", "ha_version": "2026.2.3"})
        self.connections += 1
        self._sockets.add(socket)
        async for message in socket:
            if message.type is WSMsgType.TEXT:
                await self._answer(socket, message.json())
        self._sockets.discard(socket)
        return socket

    async def _answer(self, socket: web.WebSocketResponse, asked: dict[str, Any]) -> None:
        answer = {"id": asked["id"], "type": "result", "success": True, "result": None}
        match asked["type"]:
            case "get_states":
                answer["result"] = list(self.house.values())
            case "config/entity_registry/get_entries":
                answer["result"] = {name: self._entry(name) for name in asked["entity_ids"]}
            case "config/device_registry/list":
                answer["result"] = []
            case "config/area_registry/list":
                answer["result"] = AREAS
            case "homeassistant/expose_entity/list":
                exposed = {n: {"conversation": e["exposed"]} for n, e in self.house.items()}
                answer["result"] = {"exposed_entities": exposed}
            case "get_config":
                answer["result"] = {"state": "RUNNING"}
            case "call_service":
                await self._call(socket, asked, answer)
                return
        await socket.send_json(answer)

    def _entry(self, identifier: str) -> dict[str, Any]:
        found = self.house[identifier]
        return {"entity_id": identifier, "area_id": found["area"], "aliases": found["aliases"]}

    async def _call(
        self, socket: web.WebSocketResponse, asked: dict[str, Any], answer: dict[str, Any]
    ) -> None:
        entities = asked["target"]["entity_id"]
        if asked["service"] == "get_items":
            items = [{"summary": text, "status": "needs_action"} for text in self.items]
            response = {entities[0]: {"items": items}}
            await socket.send_json({**answer, "result": {"response": response}})
            return
        failure, self.failure = self.failure, None
        if failure == "refused":
            error = {"code": "home_assistant_error", "message": "The lamp is stuck"}
            await socket.send_json({**answer, "success": False, "error": error})
            return
        self.calls.append((f"{asked['domain']}.{asked['service']}", entities))
        if failure == "lost":
            await socket.close()
            return
        if failure == "held":
            return
        if asked["service"] == "add_item":
            self.items.append(asked["service_data"]["item"])
            await socket.send_json({**answer, "result": {"context": {}}})
            return
        state = {"turn_on": "on", "turn_off": "off", "unlock": "unlocked"}[asked["service"]]
        for identifier in entities:
            await self._set(identifier, state)
        await socket.send_json({**answer, "result": {"context": {}}})


@contextmanager
def home_assistant_api(*house: dict[str, Any]) -> Iterator[HomeAssistantApi]:
    """Serve while the block runs."""
    api = HomeAssistantApi(*house)
    api.start()
    try:
        yield api
    finally:
        api.close()
