"""Servers that are none, or mean harm: one clear sentence, in time, and nothing of theirs."""

from __future__ import annotations

import asyncio
import datetime as dt
import gzip
import hashlib
import itertools
import logging
import re
import socket
import threading

import pytest

from pisovereign.connectors.calendar.source import CalDavCalendar
from pisovereign.errors import UpstreamError
from tests.connectors.calendar.broken import Answer, BrokenServer, broken_server, drip, raw, reply
from tests.connectors.calendar.conftest import OWNER, Opened
from tests.connectors.calendar.radicale import NAME, PASSWORD
from tests.connectors.ical.test_occurrences import event
from tests.support.patience import PATIENCE_S
from tests.support.server import wait_until

MARK = "f7c1-marked-text"
HTML = f"<!doctype html><html><body><h1>{MARK}</h1>&nbsp;</body></html>".encode()
HEAD = b"HTTP/1.1 207 Multi-Status\r\nContent-Type: text/xml\r\n"
DAY = dt.datetime(2026, 3, 10, tzinfo=dt.UTC)


def multistatus(*responses: str) -> bytes:
    return (
        '<?xml version="1.0"?><d:multistatus xmlns:d="DAV:" '
        'xmlns:c="urn:ietf:params:xml:ns:caldav">' + "".join(responses) + "</d:multistatus>"
    ).encode()


def found(href: str, properties: str) -> str:
    return (
        f"<d:response><d:href>{href}</d:href><d:propstat><d:prop>{properties}</d:prop>"
        "<d:status>HTTP/1.1 200 OK</d:status></d:propstat></d:response>"
    )


def home_at(place: str) -> bytes:
    """What an account answers whose calendars are at `place`."""
    return multistatus(
        found(
            "/dav/",
            "<d:current-user-principal><d:href>/dav/</d:href></d:current-user-principal>"
            f"<c:calendar-home-set><d:href>{place}</d:href></c:calendar-home-set>",
        )
    )


def xml(body: bytes) -> Answer:
    return reply("207 Multi-Status", body, Content_Type="text/xml")


ENTITIES = (
    '<?xml version="1.0"?><!DOCTYPE d [<!ENTITY a "aaaaaaaaaa">'
    + "".join(f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in itertools.pairwise("abcdefghi"))
    + ']><d:multistatus xmlns:d="DAV:"><d:response><d:href>&i;</d:href></d:response>'
    "</d:multistatus>"
).encode()
FILE = (
    b'<?xml version="1.0"?><!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    b'<d:multistatus xmlns:d="DAV:"><d:response><d:href>&x;</d:href></d:response></d:multistatus>'
)

NO_CALENDAR, ODD = "not that of a calendar server", "does not answer as one should"
WRONG: dict[str, tuple[Answer, str]] = {
    "a web page": (reply("200 OK", HTML, Content_Type="text/html"), NO_CALENDAR),
    "a page that says it is XML": (xml(HTML), NO_CALENDAR),
    "nothing": (xml(b""), NO_CALENDAR),
    "XML of another kind": (xml(b"<rss/>"), NO_CALENDAR),
    "half an answer": (xml(home_at("/dav/")[:-20]), NO_CALENDAR),
    "entities without end": (xml(ENTITIES), NO_CALENDAR),
    "a file of ours": (xml(FILE), NO_CALENDAR),
    "deep XML": (
        xml(b'<d:multistatus xmlns:d="DAV:">' + b"<a>" * 100_000), NO_CALENDAR
    ),
    "500": (reply("500 Oops", HTML), "failed: HTTP status 500"),
    "503 with a time to wait": (reply("503 Busy", HTML, Retry_After="9999"), "HTTP status 503"),
    "429": (reply("429 Slow down", HTML, Retry_After="9999"), "asked too often"),
    "404": (reply("404 Not Found", HTML, Content_Type="text/html"), ODD),
    "another address": (
        reply("301 Moved", Location="/remote.php/dav/"), "/remote.php/dav/"
    ),
    "another server": (
        reply("302 Found", Location=f"https://{MARK}.example/dav/"), "redirects to another one"
    ),
    "a file as its address": (reply("302 Found", Location="file:///etc/passwd"), "redirects"),
    "no way to sign in": (
        reply("401 Unauthorized", HTML, WWW_Authenticate='Negotiate realm="x"'), "unknown way"
    ),
    "no way that is named": (reply("401 Unauthorized", HTML), "does not accept caldav.username"),
    "never satisfied": (
        reply("401 Unauthorized", HTML, WWW_Authenticate='Basic realm="x"'), "does not accept"
    ),
    "never satisfied with digests": (
        reply(
            "401 Unauthorized", HTML, WWW_Authenticate='Digest realm="x", nonce="1", qop="auth"'
        ),
        "does not accept",
    ),
    "compressed": (
        reply("207 Multi-Status", gzip.compress(b"\0" * 10_000_000), Content_Encoding="gzip"),
        "compresses its answer",
    ),
    "no HTTP": (raw(MARK.encode() * 100), "does not answer"),
    "no answer": (raw(b""), "does not answer"),
    "cut in the middle": (raw(HEAD + b"Content-Length: 5000\r\n\r\n<d:"), "does not answer"),
    "chunks that are none": (
        raw(HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n" + HTML), "does not answer"
    ),
    "a head without end": (
        drip(b"HTTP/1.1 207 x\r\n", b"X-A: " + b"a" * 60_000 + b"\r\n", 0.0), "does not answer"
    ),
    "a body without end": (
        drip(HEAD + b"Connection: close\r\n\r\n", b"a" * 65536, 0.0), "answer is too long"
    ),
    "a body of terabytes": (
        drip(HEAD + b"Content-Length: 9999999999999\r\n\r\n", b"a" * 65536, 0.0), "too long"
    ),
    "calendars elsewhere": (
        xml(home_at(f"https://{MARK}.example/dav/")), "refers to another one"
    ),
    "calendars within the machine": (xml(home_at("http://127.0.0.1:5432/")), "refers to another"),
}  # fmt: skip

SLOW: dict[str, Answer] = {
    "silence": drip(b"", b"", 1.0),
    "a head in drops": drip(b"HTTP/1.1 207 Multi-Status\r\nX-A: ", b"a", 0.2),
    "a body in drops": drip(HEAD + b"Connection: close\r\n\r\n<", b"a", 0.2),
    "chunks in drops": drip(HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\na\r\n", 0.2),
}


def fails(calendar: CalDavCalendar) -> str:
    with pytest.raises(UpstreamError) as failed:
        asyncio.run(calendar.events(OWNER, DAY, DAY + dt.timedelta(1)))
    return failed.value.message


@pytest.mark.parametrize("name", WRONG)
def test_it_is_said_what_is_wrong(
    opened: Opened, caplog: pytest.LogCaptureFixture, name: str
) -> None:
    caplog.set_level(logging.DEBUG)
    answer, expected = WRONG[name]
    with broken_server(answer) as server:
        said = fails(opened.calendar(url=server.url))
        asked = [request for request in server.requests if b" /dav/" in request[:40]]
    assert expected in said
    assert 1 <= len(asked) <= 4
    assert MARK not in said + caplog.text
    assert PASSWORD not in said + caplog.text
    assert "root:" not in said + caplog.text


@pytest.mark.parametrize("name", SLOW)
def test_what_comes_too_slowly_is_cut_off(opened: Opened, name: str) -> None:
    with broken_server(SLOW[name]) as server:
        calendar = opened.calendar(url=server.url, limit_s=1.0)
        assert "did not answer in time" in fails(calendar)
        # Nothing waits for it any more: neither a thread nor a process is kept.
        wait_until(lambda: not calendar.busy, PATIENCE_S, "the end of the reading")


def test_a_dead_server_keeps_nobody_else_waiting(opened: Opened) -> None:
    async def ask(calendar: CalDavCalendar) -> None:
        questions = [calendar.events(OWNER, DAY, DAY + dt.timedelta(1)) for _ in range(40)]
        outcomes = asyncio.gather(*questions, return_exceptions=True)
        turns = 0
        while not outcomes.done():
            await asyncio.sleep(0.01)
            turns += 1
        answers = await outcomes
        assert all(isinstance(answer, UpstreamError) for answer in answers)
        assert sum("too much waits" in str(answer) for answer in answers) == 20
        # The loop went round all the time.
        assert turns > 3
        threads = [t for t in threading.enumerate() if t.name.startswith("caldav")]
        assert len(threads) <= 4

    with broken_server(SLOW["silence"]) as server:
        asyncio.run(ask(opened.calendar(url=server.url, limit_s=1.0)))


def test_who_leaves_ends_the_reading(opened: Opened) -> None:
    async def leave(calendar: CalDavCalendar, server: BrokenServer) -> None:
        question = asyncio.create_task(calendar.events(OWNER, DAY, DAY + dt.timedelta(1)))
        await asyncio.to_thread(wait_until, lambda: server.requests, PATIENCE_S, "the question")
        question.cancel()
        with pytest.raises(asyncio.CancelledError):
            await question

    with broken_server(SLOW["silence"]) as server:
        calendar = opened.calendar(url=server.url, limit_s=100.0)
        asyncio.run(leave(calendar, server))
        wait_until(lambda: not calendar.busy, PATIENCE_S, "the end of the reading")


def test_events_that_only_this_server_would_send(opened: Opened) -> None:
    good = event("DTSTART:20260310T100000Z").replace("SUMMARY:x", "SUMMARY:good")
    calendar_home = multistatus(
        found("/dav/", "<d:resourcetype><d:collection/></d:resourcetype>"),
        found(
            "/dav/a/",
            "<d:resourcetype><d:collection/><c:calendar/></d:resourcetype>"
            "<d:displayname>&lt;b&gt;A</d:displayname>",
        ),
    )
    objects = multistatus(
        *(
            found(f"/dav/a/{n}.ics", f"<c:calendar-data>{text}</c:calendar-data>")
            for n, text in enumerate(("", "garbage", "BEGIN:VCALENDAR", good))
        ),
        found("/dav/a/5.ics", ""),
    )

    def answer(connection: socket.socket, request: bytes) -> None:
        if request.startswith(b"REPORT"):
            xml(objects)(connection, request)
        elif b"Depth: 1" in request or b"depth: 1" in request:
            xml(calendar_home)(connection, request)
        else:
            xml(home_at("/dav/"))(connection, request)

    with broken_server(answer) as server:
        calendar = opened.calendar(url=server.url)
        (only,) = asyncio.run(calendar.events(OWNER, DAY, DAY + dt.timedelta(1)))
    assert (only.title, only.calendar) == ("good", "<b>A")


def test_a_server_that_wants_digests(opened: Opened) -> None:
    def proves(request: bytes) -> bool:
        method, path = request.split(b" ", 2)[:2]
        line = re.search(rb"(?mi)^authorization: Digest (.*)\r$", request)
        if line is None:
            return False
        fields = dict(re.findall(r'(\w+)="?([^",]*)"?', line[1].decode()))
        first = _md5(f"{NAME}:x:{PASSWORD}")
        second = _md5(f"{method.decode()}:{path.decode()}")
        middle = f"n1:{fields['nc']}:{fields['cnonce']}:auth"
        return bool(fields["response"] == _md5(f"{first}:{middle}:{second}"))

    def answer(connection: socket.socket, request: bytes) -> None:
        if proves(request):
            xml(home_at("/dav/"))(connection, request)
        else:
            challenge = 'Digest realm="x", nonce="n1", qop="auth", algorithm=MD5'
            reply("401 Unauthorized", HTML, WWW_Authenticate=challenge)(connection, request)

    with broken_server(answer) as server:
        calendar = opened.calendar(url=server.url)
        for _ in range(3):
            asyncio.run(calendar.check())
        assert all(PASSWORD.encode() not in request for request in server.requests)
        # Basic would have sent it readable for anybody who decodes base64.
        assert not any(b"Authorization: Basic" in request for request in server.requests)


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
