"""Storage of S3's kind on the loopback, which checks signatures by Amazon's description of them.

It shares no code with what signs: the canonical request is made of what came over the wire.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import re
from collections import Counter
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qsl, quote, unquote
from xml.sax.saxutils import escape

from tests.support.loopback import FREE_PORT, Loopback, QuietServer

ACCESS_KEY, SECRET_KEY = "AKIDEXAMPLE0123456789", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
REGION, BUCKET = "eu-test-1", "household"
_NAMESPACE = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"'
_AUTHORIZATION = re.compile(
    r"AWS4-HMAC-SHA256 Credential=([^/]+)/(\d{8})/([^/]+)/s3/aws4_request, ?"
    r"SignedHeaders=([a-z0-9;-]+), ?Signature=([0-9a-f]{64})"
)
_SKEW = dt.timedelta(minutes=15)


class S3Server(Loopback):
    """One bucket.

    Attributes:
        objects: What is in it, by key.
        page: How many keys a page of a list has.
        asked: How often each method was asked for, with a good signature.
        damaged: Whether what is stored is not what was sent.
    """

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.page = 1000
        self.asked: Counter[str] = Counter()
        self.damaged = False
        super().__init__(QuietServer(FREE_PORT, _handler(self)))


def _handler(server: S3Server) -> type[BaseHTTPRequestHandler]:
    class Handler(_Handler):
        state = server

    return Handler


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    state: S3Server

    def do_GET(self) -> None:
        if not self._allowed(b""):
            return
        key = self._key()
        if not key:
            self._list()
        elif key in self.state.objects:
            self._send(200, self.state.objects[key], "application/octet-stream")
        else:
            self._fail(404, "NoSuchKey")

    def do_PUT(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if not self._allowed(body):
            return
        kept = bytes(reversed(body)) if self.state.damaged else body
        self.state.objects[self._key()] = kept
        self._send(200, b"")

    def do_DELETE(self) -> None:
        if self._allowed(b""):
            self.state.objects.pop(self._key(), None)
            self._send(204, b"")

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing."""

    def _key(self) -> str:
        path = unquote(self.path.partition("?")[0])
        return path.removeprefix(f"/{BUCKET}").removeprefix("/")

    def _allowed(self, body: bytes) -> bool:
        code = self._refusal(body)
        if code:
            self._fail(404 if code == "NoSuchBucket" else 403, code)
            return False
        self.state.asked[self.command] += 1
        return True

    def _refusal(self, body: bytes) -> str:
        """Return the code of what is wrong with a request, as Amazon's S3 does; empty: nothing."""
        found = _AUTHORIZATION.fullmatch(self.headers.get("Authorization", ""))
        if found is None:
            return "AccessDenied"
        access_key, day, region, names, signature = found.groups()
        if access_key != ACCESS_KEY:
            return "InvalidAccessKeyId"
        moment = self.headers.get("x-amz-date", "")
        sent_at = dt.datetime.strptime(moment, "%Y%m%dT%H%M%SZ").replace(tzinfo=dt.UTC)
        if abs(dt.datetime.now(dt.UTC) - sent_at) > _SKEW or not moment.startswith(day):
            return "RequestTimeTooSkewed"
        present = {name.lower() for name in self.headers if name.lower().startswith("x-amz-")}
        if not {"host", *present} <= set(names.split(";")) or region != REGION:
            return "AuthorizationHeaderMalformed"
        if self.headers["x-amz-content-sha256"] != hashlib.sha256(body).hexdigest():
            return "XAmzContentSHA256Mismatch"
        expected = self._signature(day, moment, names)
        if not hmac.compare_digest(expected, signature):
            return "SignatureDoesNotMatch"
        bucket = unquote(self.path.partition("?")[0]).split("/")[1]
        return "" if bucket == BUCKET else "NoSuchBucket"

    def _signature(self, day: str, moment: str, names: str) -> str:
        path, _, query = self.path.partition("?")
        pairs = parse_qsl(query, keep_blank_values=True, strict_parsing=bool(query))
        encoded = sorted((quote(k, safe="-_.~"), quote(v, safe="-_.~")) for k, v in pairs)
        lines = [self.command, quote(unquote(path), safe="/-_.~")]
        lines.append("&".join(f"{k}={v}" for k, v in encoded))
        for name in names.split(";"):
            lines.append(f"{name}:{re.sub(' +', ' ', self.headers[name].strip())}")
        lines += ["", names, self.headers["x-amz-content-sha256"]]
        request = hashlib.sha256("\n".join(lines).encode()).hexdigest()
        scope = f"{day}/{REGION}/s3/aws4_request"
        text = f"AWS4-HMAC-SHA256\n{moment}\n{scope}\n{request}"
        key = b"AWS4" + SECRET_KEY.encode()
        for part in (day, REGION, "s3", "aws4_request"):
            key = hmac.new(key, part.encode(), hashlib.sha256).digest()
        return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()

    def _list(self) -> None:
        asked = dict(parse_qsl(self.path.partition("?")[2], keep_blank_values=True))
        prefix, after = asked.get("prefix", ""), asked.get("continuation-token", "")
        page = min(self.state.page, int(asked.get("max-keys", "1000")))
        keys = sorted(k for k in self.state.objects if k.startswith(prefix) and k > after)
        keys = [k for k in keys if "/" not in k.removeprefix(prefix)]
        entries = "".join(
            f"<Contents><Key>{escape(k)}</Key><Size>{len(self.state.objects[k])}</Size></Contents>"
            for k in keys[:page]
        )
        more = len(keys) > page
        last = escape(keys[page - 1]) if more else ""
        token = f"<NextContinuationToken>{last}</NextContinuationToken>"
        text = (
            f'<?xml version="1.0" encoding="UTF-8"?>\n<ListBucketResult {_NAMESPACE}>'
            f"<Name>{BUCKET}</Name><IsTruncated>{str(more).lower()}</IsTruncated>"
            f"{token if more else ''}{entries}</ListBucketResult>"
        )
        self._send(200, text.encode(), "application/xml")

    def _fail(self, status: int, code: str) -> None:
        text = f'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{code}</Code></Error>'
        self._send(status, text.encode(), "application/xml")

    def _send(self, status: int, body: bytes, kind: str = "application/xml") -> None:
        self.send_response(status)
        if status != 204:
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if status != 204:
            self.wfile.write(body)
