"""The route of the event stream."""

from __future__ import annotations

from falcon.asgi import Request, Response

from pisovereign.asgi.routes import EVENTS, Example, Routes, route
from pisovereign.asgi.sse import last_event_id, send_events
from pisovereign.events.stream import EventStreams
from pisovereign.events.types import WatchQuery


class EventRoutes(Routes, tag="Events"):
    """Events over HTTP."""

    def __init__(self, streams: EventStreams) -> None:
        self._streams = streams

    @route(
        "GET",
        "/v1/events",
        summary="Watch what happens, as server-sent events",
        media_type=EVENTS,
        example=Example(
            response=(
                "id: 42\n"
                "event: reminder_due\n"
                'data: {"id": "5b0c1c9e-6a7d-4f0e-9d6b-2f6a3c1d8e4f", "kind": "reminder", '
                '"title": "Call the dentist", '
                '"status": "due", "remind_at": "2099-12-24T17:00:00Z", '
                '"due_at": "2099-12-24T17:00:00.004711Z", "snoozes": 0, "snoozes_left": '
                '5, "sound": false, "repeat": null, "series_id": null, "remaining_s": null, '
                '"deliveries": [], "created_at": "2026-02-07T10:30:00.159707Z", '
                '"updated_at": "2099-12-24T17:00:00.004711Z"}\n'
            )
        ),
    )
    async def watch_events(self, req: Request, resp: Response, query: WatchQuery) -> None:
        """Stream what happens without being asked for, as server-sent events.

        The stream stays open, with a comment line every 15 seconds if nothing happens.

        Your events are numbered from 1. Without anything, the stream begins with those that are
        still to come. A client that was cut off sends the last `id` it saw as `Last-Event-ID`, as
        browsers do by themselves, and gets what it missed and then the rest, each event once.
        `?after=42` does the same in the address, and `?after=0` begins with the oldest event that
        is kept; with `?follow=false` the stream ends with the newest.

        `reminder_settled` says that a reminder which was due is not any more, as somebody has seen
        to it, in the form `{"id": "...", "status": "done"}`; `status` is that of a reminder, or
        `deleted`. So every page that shows it lets it go.

        `approval_requested` says that something waits for a decision, in the form `{"id": "...",
        "kind": "catalog_command", "title": "reboot", "expires_at": "..."}`, and `delivery_failed`
        says of a message that it was not sent (`failed`), or that nobody knows (`uncertain`), in
        the form `{"channel": "mail", "about": "reminder", "subject":
        "5b0c1c9e-6a7d-4f0e-9d6b-2f6a3c1d8e4f", "status": "failed", "error": "..."}`.

        `supervised_approval_requested` tells owners that somebody `restricted` waits for them, in
        the form of `approval_requested`, with `person_id` and `person`.

        `approval_decided` says that an approval does not wait any more, in the form `{"id": "...",
        "status": "denied"}`; `status` is `approved`, `denied`, `cancelled` or `expired`.

        `task_finished` says that a task of a [schedule](agents.md#schedules) is over, in the form
        `{"task_id": "...", "scheduled_by": "morning-briefing", "status": "completed", "result":
        "...", "reason": null}`.

        `answer_ready` says that an answer is there of which its reader was told that they need not
        wait for it, in the form `{"message_id": "...", "conversation_id": "...", "text": "..."}`.

        `backup_warning` tells owners that somebody has to see to [backups](backup.md), in the form
        `{"place": "webdav", "reason": "failed", "error": "...", "last_good_at": "..."}`; `reason`
        is `failed`, `old`, or `nowhere`, where a schedule has no place to send to.

        `update_ended` tells owners what has become of an [update](updates.md), in the form
        `{"stage": "rolled_back", "version": "1.1.0", "before": "1.0.0", "error": "..."}`; `stage`
        is `kept`, `rolled_back`, or `failed`, where it could not be written.

        The last `events.keep` events are kept. If some after `id` are not, the first event is
        `missed`, with their numbers as `{"first": 43, "last": 57}`; one whose stored text cannot be
        opened is `missed`, too. A failure of the stream itself is the event `error`, as in
        `/v1/chat/stream`; ask again from the last `id`. One user may have 16 streams open.
        """
        seen = last_event_id(req)
        stream = await self._streams.watch(
            req.context.user.user_id,
            query.after if seen is None else seen,
            follow=query.follow == "true",
        )
        send_events(resp, stream)
