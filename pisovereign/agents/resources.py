"""The routes of agentic tasks: thin, all rules are in the service."""

from __future__ import annotations

from uuid import UUID

import falcon
import falcon.asgi

from pisovereign.agents.event_stream import TaskStreams
from pisovereign.agents.service import TaskService
from pisovereign.agents.types import ListQuery, NewTask
from pisovereign.approvals.types import NoFields
from pisovereign.asgi.body import BodyReader
from pisovereign.asgi.media import respond
from pisovereign.asgi.query import read_query
from pisovereign.asgi.streaming import send_events
from pisovereign.errors import NotFound
from pisovereign.events.resources import last_event_id
from pisovereign.languages.detection import accepted_language


class TasksResource:
    """`GET` and `POST /v1/agentic/tasks`."""

    def __init__(self, service: TaskService, bodies: BodyReader) -> None:
        self._service = service
        self._bodies = bodies

    async def on_get(self, req: falcon.asgi.Request, resp: falcon.asgi.Response) -> None:
        """List the caller's tasks, the newest first."""
        query = read_query(req, ListQuery)
        listed, total = await self._service.page(req.context.user.user_id, query)
        resp.set_header("X-Total-Count", str(total))
        respond(resp, listed)

    async def on_post(self, req: falcon.asgi.Request, resp: falcon.asgi.Response) -> None:
        """Take a task down."""
        self._service.require_enabled()
        new = await self._bodies.read(req, NewTask)
        language = accepted_language(req.get_header("Accept-Language"))
        created = await self._service.create(req.context.user, new, language)
        resp.status = falcon.HTTP_201
        resp.location = f"/v1/agentic/tasks/{created.task_id}"
        respond(resp, created)


class TaskResource:
    """`GET /v1/agentic/tasks/{task_id}`."""

    def __init__(self, service: TaskService) -> None:
        self._service = service

    async def on_get(
        self, req: falcon.asgi.Request, resp: falcon.asgi.Response, task_id: str
    ) -> None:
        """Show one task."""
        self._service.require_enabled()
        respond(resp, await self._service.get(req.context.user.user_id, _parse_id(task_id)))


class TaskStreamResource:
    """`GET /v1/agentic/tasks/{task_id}/stream`."""

    def __init__(self, service: TaskService, streams: TaskStreams) -> None:
        self._service = service
        self._streams = streams

    async def on_get(
        self, req: falcon.asgi.Request, resp: falcon.asgi.Response, task_id: str
    ) -> None:
        """Tell a task's events as they happen, from the first one or from where it was cut off."""
        self._service.require_enabled()
        stream = await self._streams.watch(
            req.context.user.user_id, _parse_id(task_id), last_event_id(req) or 0
        )
        send_events(resp, stream)


class TaskCancelResource:
    """`POST /v1/agentic/tasks/{task_id}/cancel`."""

    def __init__(self, service: TaskService, bodies: BodyReader) -> None:
        self._service = service
        self._bodies = bodies

    async def on_post(
        self, req: falcon.asgi.Request, resp: falcon.asgi.Response, task_id: str
    ) -> None:
        """Cancel one task; once more changes nothing."""
        self._service.require_enabled()
        await self._bodies.read_optional(req, NoFields)
        respond(resp, await self._service.cancel(req.context.user, _parse_id(task_id)))


def _parse_id(text: str) -> UUID:
    """The id; what cannot be one answers as an unknown one."""
    try:
        return UUID(text)
    except ValueError:
        raise NotFound("No such task") from None
