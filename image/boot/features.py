"""What people do on a card that its units' sandboxes could forbid; in a clone nothing does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from image.boot.api import Client
from image.boot.machine import BROKEN_OFF

WORK_S = 600.0
PASSPHRASE = "five random words are good"
# What comes of an answer in another form, such as a refusal.
_UNEXPECTED = (LookupError, TypeError, AttributeError)
PAGE = b"<html><h1>House</h1><p>The boiler is in the cellar behind the stairs.</p></html>"
MODEL = "smollm2-135m-instruct"
# Emulated machines have no way out, no radio and no firmware of a board.
NOT_EMULATED = frozenset(
    f"default-{name}" for name in ("dns-check", "wifi", "temperature", "throttling", "arm-clock")
)
# `du` takes it for a failure that some of /var may not be read, which its description tells.
PARTLY_FORBIDDEN = frozenset(["default-folder-sizes"])
# A server of the Model Context Protocol with one tool.
TOOL_SERVER = """\
import json, sys
for line in sys.stdin:
    asked = json.loads(line)
    if "id" not in asked:
        continue
    if asked["method"] == "initialize":
        version = asked["params"]["protocolVersion"]
        info = {"name": "adder", "version": "1"}
        result = {"protocolVersion": version, "capabilities": {"tools": {}}, "serverInfo": info}
    else:
        tool = {"name": "add", "description": "Add", "inputSchema": {"type": "object"}}
        result = {"tools": [tool]}
    print(json.dumps({"jsonrpc": "2.0", "id": asked["id"], "result": result}), flush=True)
"""


def document_is_read(client: Client) -> str:
    """Store a document, which a confined program reads; returns what is wrong, or ""."""
    if problem := _read(client, "house.html", PAGE):
        return problem
    _, found = client.send("GET", "/v1/documents/search?q=where+is+the+boiler")
    return "" if found and "behind the stairs" in found[0]["text"] else f"{found}"


def pdf_is_read(client: Client) -> str:
    """Store a PDF, for which that program loads a library; returns what is wrong, or ""."""
    return _read(client, "shed.pdf", pdf("The key to the shed hangs behind the door"))


def pdf(text: str) -> bytes:
    """Return a PDF of one page with one line."""
    drawing = f"BT /F1 24 Tf 72 700 Td ({text}) Tj ET"
    font = "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"
    objects = (
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R"
        f" /Resources << /Font << /F1 {font} >> >> >>",
        f"<< /Length {len(drawing)} >>\nstream\n{drawing}\nendstream",
    )
    whole, places = "%PDF-1.4\n", []
    for number, content in enumerate(objects, start=1):
        places.append(len(whole))
        whole += f"{number} 0 obj\n{content}\nendobj\n"
    size = len(objects) + 1
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    trailer = f"trailer << /Size {size} /Root 1 0 R >>\nstartxref\n{len(whole)}\n%%EOF"
    return f"{whole}xref\n0 {size}\n0000000000 65535 f \n{table}{trailer}".encode()


def _read(client: Client, name: str, content: bytes) -> str:
    """Store a document and wait until it was read; returns what is wrong, or ""."""
    status, stored = client.send("POST", f"/v1/documents?name={name}", content)
    if status != 201:
        return f"{status} {stored}"
    place = f"/v1/documents/{stored['id']}"
    client.wait(place, lambda _, found: found["state"] in {"ready", "failed"}, WORK_S)
    _, read = client.send("GET", place)
    return "" if read["state"] == "ready" and read["passages"] else f"{read}"


def commands_end_well(client: Client) -> str:
    """Run each command that needs nothing and nobody; returns which fail."""
    failed = []
    status, listed = client.send("GET", "/v1/commands/catalog?limit=200")
    if status != 200 or not listed:
        return f"{status} {listed}"
    for entry in listed:
        left_out = entry["id"] in NOT_EMULATED | PARTLY_FORBIDDEN
        if left_out or entry["requires_approval"] or entry["arguments"]:
            continue
        _, done = client.send("POST", f"/v1/commands/catalog/{entry['id']}/execute", {})
        if done.get("status") != "completed":
            failed.append(f"{entry['id']}: {done.get('stderr', done)}")
    return "; ".join(failed)


def name_answers(client: Client) -> str:
    """Ping the machine by its name in the local network; returns what is wrong, or ""."""
    wish = {"arguments": {"host": "pisovereign.local"}}
    _, done = client.send("POST", "/v1/commands/catalog/default-ping/execute", wish)
    return "" if done.get("status") == "completed" else f"{done}"


def model_is_verified(client: Client) -> str:
    """Have the model's file read in full; returns what is wrong, or ""."""
    status, begun = client.send("POST", f"/v1/system/models/{MODEL}/verify")
    if status != 202:
        return f"{status} {begun}"
    return _work(client, "/v1/system/model-work", kind="verify", model=MODEL)


def tool_server_starts(client: Client) -> str:
    """Have a program that brings tools started; returns what is wrong, or ""."""
    wish = {"command": ["/opt/pisovereign/bin/python3", "-c", TOOL_SERVER]}
    client.send("PUT", "/v1/mcp/servers/adder", wish)
    _, tried = client.send("POST", "/v1/mcp/servers/adder/test", {})
    client.send("DELETE", "/v1/mcp/servers/adder")
    return "" if [tool["name"] for tool in tried.get("tools", [])] == ["add"] else f"{tried}"


def backup_is_whole(client: Client) -> str:
    """Make a backup as the page does, and read it; returns what is wrong, or ""."""
    secret = {"passphrase": PASSPHRASE}
    status, made = client.send("POST", "/v1/system/backups", secret)
    if status != 202:
        return f"{status} {made}"
    file = made["file"]
    if problem := _work(client, "/v1/system/backups", kind="make", file=file):
        return problem
    status, begun = client.send("POST", f"/v1/system/backups/{file}/verify", secret)
    if status != 202:
        return f"{status} {begun}"
    return _work(client, "/v1/system/backups", kind="verify", file=file)


def _work(client: Client, path: str, **what: str) -> str:
    """Wait for the end of a work that has begun; returns what is wrong with it, or ""."""
    found: dict[str, Any] = {}

    def over(_: int, answer: Any) -> bool:
        found.update(answer["work"])
        return bool(found["status"] != "running")

    client.wait(path, over, WORK_S)
    return "" if found.items() >= (what | {"status": "done"}).items() else f"{found}"


ALL: dict[str, Callable[[Client], str]] = {
    "a document is read and found": document_is_read,
    "a PDF is read": pdf_is_read,
    "the catalog's commands end well": commands_end_well,
    "a name of the local network is found, and answers": name_answers,
    "the model's file is verified": model_is_verified,
    "a program with tools starts": tool_server_starts,
    "a backup is made and read": backup_is_whole,
}


def run(client: Client) -> dict[str, str]:
    """Return what is wrong with each, or ""."""
    return {name: _tried(feature, client) for name, feature in ALL.items()}


def _tried(feature: Callable[[Client], str], client: Client) -> str:
    try:
        return feature(client)
    except (*BROKEN_OFF, *_UNEXPECTED) as error:
        return f"{type(error).__name__}: {error}"
