"""An OpenAI-compatible server whose embedding model is not ours: vectors made of checksums."""

from __future__ import annotations

import json
import math
import random
import re
import zlib
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.support.loopback import FREE_PORT, Loopback

DIMENSIONS = 384
MODEL = "word-checksums"


def vector(text: str) -> list[float]:
    """The direction of the sum of one random vector for each word."""
    total = [0.0] * DIMENSIONS
    for word in re.findall(r"\w+", text.lower()):
        source = random.Random(zlib.crc32(word.encode()))
        total = [value + source.gauss(0, 1) for value in total]
    length = math.hypot(*total) or 1.0
    return [value / length for value in total]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._answer({"object": "list", "data": [{"id": MODEL, "object": "model"}]})

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        assert asked["model"] == MODEL
        rows = [
            {"object": "embedding", "index": index, "embedding": vector(text)}
            for index, text in enumerate(asked["input"])
        ]
        self._answer({"object": "list", "model": MODEL, "data": rows})

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing."""

    def _answer(self, body: dict[str, Any]) -> None:
        known = self.path in ("/v1/models", "/v1/embeddings")
        data = json.dumps(body if known else {}).encode()
        self.send_response(200 if known else 404)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


class EmbeddingServer(Loopback):
    """The server, on a free port of the loopback, while the block runs; `url` is its base URL."""

    def __init__(self) -> None:
        super().__init__(ThreadingHTTPServer(FREE_PORT, _Handler))
        self.url += "/v1"
