"""The routes of the catalog of system commands."""

from __future__ import annotations

from falcon.asgi import Request, Response

from pisovereign.asgi.routes import Example, Page, Routes, route
from pisovereign.catalog.service import CatalogService
from pisovereign.catalog.types import CatalogCommand, Count, ListQuery, NewCommand, SearchQuery

_COMMAND = {
    "id": "default-disk-free",
    "name": "Disk Free Space",
    "description": "Show available disk space on all mounts",
    "command": "df -h",
    "category": "filesystem",
    "risk_level": "safe",
    "os": "linux",
    "requires_approval": False,
    "network": False,
    "listed": True,
    "folders": [],
    "arguments": [],
    "own": False,
    "created_at": "2026-02-24T08:50:08.159707Z",
    "updated_at": "2026-02-24T08:50:08.159707Z",
}


class CatalogRoutes(Routes, tag="Catalog"):
    """The catalog over HTTP; all rules are in the service."""

    def __init__(self, service: CatalogService) -> None:
        self._service = service

    @route(
        "GET",
        "/v1/commands/catalog",
        summary="List all commands in the catalog",
        example=Example(response=[_COMMAND]),
    )
    async def list_catalog(
        self, req: Request, resp: Response, query: ListQuery
    ) -> Page[CatalogCommand]:
        """List the system commands that may be executed on this machine.

        [The defaults](catalog.md#the-defaults) come first, and behind them those that you added.
        `?limit=` is 1 to 500 (100 if not given), `?offset=` skips entries.

        `arguments` are what the command needs to be given: `{"name": "host", "type": "hostname"}`,
        with `bound` where the type is narrowed. `listed` tells whether program and words are
        [known](catalog.md#known-programs); a command that is not waits for an approval each time.
        `own` tells those that you added from the defaults. A command is never changed, so that what
        was looked at is what runs: add another one, and delete it.
        """
        user = req.context.user.user_id
        return Page(*await self._service.page(user, query.limit, query.offset))

    @route(
        "POST",
        "/v1/commands/catalog",
        operation_id="createCatalogCommand",
        summary="Create a custom catalog command",
        status=201,
        errors=(403, 409),
        links=(
            "getCatalogCommand",
            "executeCatalogCommand",
            "deleteCatalogCommand",
        ),
        fields={
            "name": "1 to 100 characters, not blank, nothing invisible",
            "description": "at most 500 characters, nothing invisible",
            "command": (
                "1 to 1,000 characters; [what it may be](catalog.md#what-a-command-may-be)"
            ),
            "category": "a word of `a-z 0-9 -`; `custom` if not given",
            "risk_level": "`safe`, `moderate` (if not given) or `dangerous`",
            "os": "`linux`",
            "requires_approval": "whether each execution waits for an approval; true if not given",
            "network": "whether the command may use the network; false if not given",
            "folders": (
                "what a command that is not listed sees of people's folders: up to 8 paths in"
                " `/home`, `/root`, `/media`, `/mnt`, `/srv` or `/run/user`"
            ),
        },
        example=Example(
            request={
                "name": "Check Logs",
                "description": "Tail the last 100 lines of syslog",
                "command": "tail -n 100 /var/log/syslog",
                "category": "system",
                "risk_level": "safe",
                "os": "linux",
                "requires_approval": False,
            },
            response={
                **_COMMAND,
                "id": "4b3b0a52-3d5c-4c8e-8f0e-6a5f2f3f7c11",
                "name": "Check Logs",
                "description": "Tail the last 100 lines of syslog",
                "command": "tail -n 100 /var/log/syslog",
                "category": "system",
                "requires_approval": True,
                "own": True,
            },
        ),
    )
    async def create_command(
        self, req: Request, resp: Response, body: NewCommand
    ) -> CatalogCommand:
        """Add a command of your own, which nobody else sees.

        The answer is 201 with `Location`, and the command.

        `requires_approval` becomes true, whatever was sent, unless the key has the scope `admin`;
        also if the command is dangerous, or not `listed`: if its program, or a word of its, is none
        of [those that are known](catalog.md#known-programs). Without the scope `admin`, such a one
        is a 403. A command that only a shell could run is a 422 that says what is wrong.
        """
        command = await self._service.create(req.context.user, body)
        resp.location = f"/v1/commands/catalog/{command.id}"
        return command

    @route(
        "GET",
        "/v1/commands/catalog/search",
        summary="Search the catalog by keyword",
        example=Example(response=[_COMMAND]),
    )
    async def search_catalog(
        self, req: Request, resp: Response, query: SearchQuery
    ) -> Page[CatalogCommand]:
        """Find the commands that have every word of `?q=` in their name or description.

        `q` is 1 to 200 characters. Commands with more of the words in the name come first. `limit`
        and `offset` are as in the list.
        """
        user = req.context.user.user_id
        return Page(*await self._service.search(user, query.q, query.limit, query.offset))

    @route(
        "GET",
        "/v1/commands/catalog/count",
        summary="Get the total number of catalog entries",
        example=Example(response={"count": 32}),
    )
    async def count_catalog(self, req: Request, resp: Response) -> Count:
        """Count the commands of the list."""
        return Count(await self._service.count(req.context.user.user_id))

    @route(
        "GET",
        "/v1/commands/catalog/{id}",
        operation_id="getCatalogCommand",
        summary="Get a specific catalog command by ID",
        example=Example(response=_COMMAND),
    )
    async def get_command(self, req: Request, resp: Response, command: str) -> CatalogCommand:
        """Show one command, in the form of the list."""
        return await self._service.get(req.context.user.user_id, command)

    @route(
        "DELETE",
        "/v1/commands/catalog/{id}",
        operation_id="deleteCatalogCommand",
        summary="Delete a catalog command",
        status=204,
    )
    async def delete_command(self, req: Request, resp: Response, command: str) -> None:
        """Delete a command: 204 without a body, 404 if there is none.

        Only a key with the scope `admin` may delete a default; it is gone for everybody then, and
        does not come back.
        """
        await self._service.delete(req.context.user, command)
