"""The routes of updates."""

from __future__ import annotations

from falcon.asgi import Request, Response

from pisovereign.asgi.routes import Example, Routes, route
from pisovereign.audit.service import AuditLog
from pisovereign.updates.choice import Choice
from pisovereign.updates.service import UpdateService
from pisovereign.updates.types import InstallWish, Updates, UpdateWorkState

_OVERVIEW: dict[str, object] = {
    "possible": False,
    "running": None,
    "offered": [],
    "checked_at": None,
    "check_failed": None,
    "work": None,
    "progress": None,
    "last": None,
    "automatic": "off",
    "at": "03:30",
    "choosable": False,
}
_FILE = "pisovereign-rpi-0.2.0-1795824000.update"


class UpdateRoutes(Routes, tag="System"):
    """Updates over HTTP.

    Args:
        service: Does it.
        audit: Is told of what was asked for.
    """

    def __init__(self, service: UpdateService, audit: AuditLog) -> None:
        self._service = service
        self._audit = audit

    @route(
        "GET",
        "/v1/system/updates",
        summary="See what runs, and which updates there are",
        scope="admin",
        example=Example(response=_OVERVIEW),
    )
    async def list_updates(self, req: Request, resp: Response) -> Updates:
        """Show the system that runs, updates that are newer and for this machine, and what goes on.

        `possible` is false everywhere but on a flashed card. `offered` holds what the address of
        `updates.address` was seen to have, and what is on memory sticks, with notes on what is new.
        `work` is `fetching`, `installing`, `done`, `failed` (with `error`) or `stopped`. `last` is
        what has become of the last one: `written` waits to be tried, `trying` is tried now,
        `kept` and `rolled_back` (with `error`) are ends. [Updates](updates.md)
        """
        return await self._service.overview()

    @route(
        "POST",
        "/v1/system/updates/check",
        summary="Ask whether there is an update",
        scope="admin",
        errors=(409,),
        example=Example(response={**_OVERVIEW, "possible": True}),
    )
    async def check_for_updates(self, req: Request, resp: Response) -> Updates:
        """Ask `updates.address` now; `check_failed` says why it could not be asked, if so."""
        return await self._service.check()

    @route(
        "POST",
        "/v1/system/updates/install",
        summary="Install an update beside the system that runs",
        scope="admin",
        status=202,
        errors=(404, 409),
        fields={
            "source": "`address` or `stick`, as it is offered",
            "file": "the name of an offered update",
            "then_try": "start it as soon as it is written; false if not given",
        },
        example=Example(
            request={"source": "address", "file": _FILE},
            response={"status": "fetching", "file": _FILE, "total": 431_112_004},
        ),
    )
    async def install_update(
        self, req: Request, resp: Response, body: InstallWish
    ) -> UpdateWorkState:
        """Begin to fetch an offered update, verify it, and write it where nothing runs.

        What runs stays as it is, whatever happens. `GET` tells how it goes.
        """
        await self._audit.record(
            req.context.user, "ran", kind="system", subject=body.file, what="install an update"
        )
        return await self._service.install(body)

    @route(
        "POST",
        "/v1/system/updates/try",
        summary="Start once with the update that was installed",
        scope="admin",
        status=202,
        errors=(409,),
        example=Example(response={**_OVERVIEW, "possible": True}),
    )
    async def try_update(self, req: Request, resp: Response) -> Updates:
        """Start the device with what was written.

        The new system is kept only if it is ready, answers a chat and reads a memory; meanwhile
        nobody is served. Otherwise, and after a power cut, the system before it runs again.
        """
        await self._audit.record(
            req.context.user, "ran", kind="system", subject="device", what="try an update"
        )
        await self._service.try_once()
        return await self._service.overview()

    @route(
        "PUT",
        "/v1/system/updates/automatic",
        summary="Choose which updates are installed automatically",
        scope="admin",
        errors=(409,),
        fields={
            "automatic": "`off`, `security` (security updates) or `all`",
            "at": "the time of the day, in the time zone of the server; `03:30` if not given",
        },
        example=Example(
            request={"automatic": "security", "at": "04:15"},
            response={
                **_OVERVIEW,
                "possible": True,
                "automatic": "security",
                "at": "04:15",
                "choosable": True,
            },
        ),
    )
    async def choose_automatic_updates(self, req: Request, resp: Response, body: Choice) -> Updates:
        """Choose whether updates are looked for, installed and tried by themselves, and when.

        It is 409 where `updates.automatic` of the configuration decides that.
        """
        await self._audit.record(
            req.context.user, "ran", kind="system", subject=body.automatic, what="choose updates"
        )
        return await self._service.choose(body)
