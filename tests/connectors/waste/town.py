"""A town that publishes the calendar of its waste collection, and fails as a test says."""

from __future__ import annotations

import datetime as dt
from http.server import BaseHTTPRequestHandler
from typing import Any

from tests.support.loopback import FREE_PORT, Loopback, QuietServer

PATH = "/waste.ics"


def whole_day(day: dt.date, title: str, *more: str) -> str:
    """An entry that takes a whole day."""
    return entry(f"DTSTART;VALUE=DATE:{day:%Y%m%d}", title, *more)


def entry(start: str, title: str, *more: str) -> str:
    """An entry with the line of its start."""
    lines = ["BEGIN:VEVENT", f"UID:{title}-{start[-15:]}", start, f"SUMMARY:{title}", *more]
    return "\r\n".join([*lines, "END:VEVENT"])


def calendar(*entries: str) -> str:
    """A calendar with these entries."""
    return "\r\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", *entries, "END:VCALENDAR", ""])


class Town(Loopback):
    """Answers `/waste.ics` with `text`; `status` and `location` make it answer something else.

    `/moved` leads there, and `/round` to itself.
    """

    def __init__(self, text: str | bytes = "") -> None:
        self.text = text
        self.status = 200
        self.location = ""
        self.asked: list[str] = []
        town = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                town.respond(self)

            def log_message(self, format: str, *args: Any) -> None:
                pass

        super().__init__(QuietServer(FREE_PORT, Handler))
        self.calendar_url = self.url + PATH

    def respond(self, handler: BaseHTTPRequestHandler) -> None:
        self.asked.append(handler.path)
        leads = {"/moved": PATH, "/round": "/round", "/away": self.location}.get(handler.path)
        body = self.text.encode() if isinstance(self.text, str) else self.text
        handler.send_response(self.status if leads is None else 302)
        if leads is not None:
            handler.send_header("Location", leads)
            body = b""
        handler.send_header("Content-Type", "text/calendar")
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)
