"""The routes of schedules."""

from __future__ import annotations

from typing import Any

from falcon.asgi import Request, Response

from pisovereign.agents.routes import CREATED_EXAMPLE
from pisovereign.agents.schedules.service import ScheduleService
from pisovereign.agents.schedules.types import NewSchedule, SchedulePatch, ShownSchedule
from pisovereign.agents.types import CreatedTask
from pisovereign.approvals.types import NoFields
from pisovereign.asgi.routes import Example, Routes, parse_id, route
from pisovereign.connectors.registry import ways

_SCHEDULE: dict[str, Any] = {
    "id": "5b0c1c9e-6a7d-4f0e-9d6b-2f6a3c1d8e4f",
    "name": "schedule-5b0c1c9e",
    "description": "Give me my briefing",
    "cron": "0 7 * * 1-5",
    "time_zone": "Europe/Berlin",
    "enabled": True,
    "deliver": ["events"],
    "source": "stored",
    "next_at": "2026-03-04T06:00:00Z",
}
_FIELDS = {
    "description": "what is to be done; 1 to 4,000 characters, in one of the languages",
    "cron": "when: minute, hour, day of the month, month, day of the week",
    "time_zone": "where its hours are meant, such as `Europe/Berlin`; your own if empty",
    "enabled": "whether it is switched on",
    "deliver": f"how its owner is told what came of it: {', '.join(f'`{way}`' for way in ways())}",
}


class ScheduleRoutes(Routes, tag="Agentic Tasks"):
    """Schedules over HTTP; all rules are in the service."""

    def __init__(self, service: ScheduleService) -> None:
        self._service = service

    def require_available(self) -> None:
        """Refuse every request while tasks are switched off."""
        self._service.require_enabled()

    @route(
        "GET",
        "/v1/agentic/schedules",
        summary="List schedules",
        example=Example(response=[_SCHEDULE]),
    )
    async def list_schedules(self, req: Request, resp: Response) -> list[ShownSchedule]:
        """List what is done for you again and again, with when it is due next.

        Those that you made come first, the oldest first. With the `source` `config` it is one of
        `agentic.schedules`, and is changed only there. `name` is what its tasks have as
        `scheduled_by`.
        """
        return await self._service.all(req.context.user.user_id)

    @route(
        "POST",
        "/v1/agentic/schedules",
        summary="Have something done again and again",
        status=201,
        errors=(409, 507),
        links=("changeSchedule", "deleteSchedule", "runSchedule"),
        fields=_FIELDS,
        example=Example(
            request={"description": "Give me my briefing", "cron": "0 7 * * 1-5"},
            response=_SCHEDULE,
        ),
    )
    async def create_schedule(
        self, req: Request, resp: Response, body: NewSchedule
    ) -> ShownSchedule:
        """Have a request carried out as a [task](agents.md) at certain times: 201, `Location`.

        What was due while nothing ran is made up for once, within an hour. When a task is over, its
        owner is told in each way of `deliver`: `events` is
        [the event](#get-v1events) `task_finished`; a way that is not set up is a 422. There are at
        most 50 schedules.
        """
        made = await self._service.create(req.context.user.user_id, body)
        resp.location = f"/v1/agentic/schedules/{made.id}"
        return made

    @route(
        "PATCH",
        "/v1/agentic/schedules/{id}",
        summary="Change a schedule",
        errors=(409,),
        fields=_FIELDS,
        example=Example(
            request={"enabled": False},
            response={**_SCHEDULE, "enabled": False, "next_at": None},
        ),
    )
    async def change_schedule(
        self, req: Request, resp: Response, schedule: str, body: SchedulePatch
    ) -> ShownSchedule:
        """Change the fields that are given; the others stay.

        With another time it begins anew: what it missed before is not made up for. One of the
        configuration is a 409.
        """
        user = req.context.user.user_id
        return await self._service.change(user, parse_id(schedule, "schedule"), body)

    @route(
        "DELETE",
        "/v1/agentic/schedules/{id}",
        summary="Delete a schedule",
        status=204,
        errors=(409,),
    )
    async def delete_schedule(self, req: Request, resp: Response, schedule: str) -> None:
        """Delete a schedule: 204 without a body. Its tasks stay, also one that is going on."""
        await self._service.delete(req.context.user.user_id, parse_id(schedule, "schedule"))

    @route(
        "POST",
        "/v1/agentic/schedules/{id}/run",
        summary="Do now what a schedule asks for",
        status=201,
        optional_body=True,
        errors=(409,),
        example=Example(response=CREATED_EXAMPLE),
    )
    async def run_schedule(
        self, req: Request, resp: Response, schedule: str, body: NoFields
    ) -> CreatedTask:
        """Begin a task with what a schedule asks for, now; its times stay as they are."""
        chosen = parse_id(schedule, "schedule")
        created = await self._service.run(req.context.user, chosen, req.context.language)
        resp.location = f"/v1/agentic/tasks/{created.task_id}"
        return created
