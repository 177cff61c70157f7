"""The routes that change events of the calendar."""

from __future__ import annotations

from falcon.asgi import Request, Response

from pisovereign.actions.caller import Caller
from pisovereign.actions.change_event import ChangeEvent, EventPatch, PendingChange
from pisovereign.actions.service import ActionService, Asked
from pisovereign.api_keys import Identity
from pisovereign.asgi.routes import Example, Routes, route


class CalendarRoutes(Routes, tag="Calendar"):
    """Changes of events over HTTP; all rules are in the action."""

    def __init__(self, actions: ActionService) -> None:
        self._actions = actions

    @route(
        "PATCH",
        "/v1/calendar/events/{id}",
        operation_id="changeEvent",
        summary="Ask for an event to be changed",
        errors=(409, 502),
        fields={
            "title": "1 to 500 characters, not blank",
            "start": "a time with its offset",
            "end": "a time with its offset, after the start",
            "location": "at most 200 characters",
        },
        example=Example(
            request={"start": "2026-03-31T13:00:00Z", "location": "Room 1"},
            response={
                "approval_id": "2d9e3c0a-52d5-4c8e-8f0e-6a5f2f3f7c11",
                "expires_at": "2026-03-05T08:30:00Z",
                "before": {
                    "time": "10:00",
                    "title": "Meeting",
                    "start": "2026-03-10T09:00:00Z",
                    "end": "2026-03-10T10:30:00Z",
                    "all_day": False,
                    "location": None,
                    "calendar": "Work",
                    "id": "L2FsaWNlL3dvcmsvbWVldGluZy5pY3M",
                },
                "after": {
                    "time": "15:00",
                    "title": "Meeting",
                    "start": "2026-03-31T13:00:00Z",
                    "end": "2026-03-31T14:30:00Z",
                    "all_day": False,
                    "location": "Room 1",
                    "calendar": "Work",
                    "id": "L2FsaWNlL3dvcmsvbWVldGluZy5pY3M",
                },
                "status": "pending_approval",
            },
        ),
    )
    async def change_event(
        self, req: Request, resp: Response, event: str, body: EventPatch
    ) -> PendingChange:
        """Ask for an event to be changed.

        `id` is that of an event that the command `calendar` lists; events that recur have none, and
        are changed in a calendar program. A `start` alone moves the event and keeps its length; an
        empty `location` removes it.

        Nothing is changed yet. The answer names the approval that [waits](approvals.md), and what
        it would do.

        Approving it writes exactly that, if the event is still the one that was shown. If somebody
        changed it meanwhile, the approval fails and nothing is done.
        """
        return await self._ask(req.context.user, ChangeEvent(event_id=event, patch=body))

    @route(
        "DELETE",
        "/v1/calendar/events/{id}",
        operation_id="deleteEvent",
        summary="Ask for an event to be deleted",
        errors=(409, 502),
    )
    async def delete_event(self, req: Request, resp: Response, event: str) -> PendingChange:
        """Ask for an event to be deleted, in the same way; `after` is null."""
        return await self._ask(req.context.user, ChangeEvent(event_id=event, patch=None))

    async def _ask(self, identity: Identity, command: ChangeEvent) -> PendingChange:
        # The title of a change has no other language.
        asked = await self._actions.carry_out(Caller(identity, "en"), command)
        assert isinstance(asked, Asked)
        change = asked.new.payload
        return PendingChange(
            approval_id=asked.approval.id,
            expires_at=asked.approval.expires_at,
            before=change.before,
            after=change.after,
        )
