"""The routes of backups."""

from __future__ import annotations

import asyncio

from falcon.asgi import Request, Response

from pisovereign.accounts.callers import Caller
from pisovereign.asgi.body import BodyReader
from pisovereign.asgi.routes import BYTES, Example, Routes, route
from pisovereign.audit.service import AuditLog
from pisovereign.backup.restore_state import RestoreState
from pisovereign.backup.service import BackupService
from pisovereign.backup.types import (
    Backups,
    BackupWorkState,
    NewBackup,
    Passphrase,
    RestoreWish,
    UploadQuery,
    UploadState,
)

_NAME = "pisovereign-1f0a9c3e-20261127T031500Z.backup"
_FIELDS = {"passphrase": "Never stored; without it nobody can read the file."}
_SECRET = {"passphrase": "five random words are good"}


class BackupRoutes(Routes, tag="Backup"):
    """Backups over HTTP.

    Args:
        service: Does it.
        audit: Is told of what was taken away or replaced.
        bodies: Reads pieces of uploads.
    """

    def __init__(self, service: BackupService, audit: AuditLog, bodies: BodyReader) -> None:
        self._service = service
        self._audit = audit
        self._bodies = bodies

    @route(
        "GET",
        "/v1/system/backups",
        summary="List backups, and see what goes on",
        scope="admin",
        example=Example(
            response={
                "files": [{"name": _NAME, "size": 1_480_233, "written_at": "2026-11-27T03:15:04Z"}],
                "folder": "/home/anna/.local/share/pisovereign/backups",
                "free_bytes": 20_000_000_000,
                "keep": 7,
                "work": {"kind": "make", "file": _NAME, "status": "done"},
                "restore": None,
                "restorable": True,
                "restore_command": "pisovereign-cli restore --replace FILE",
                "not_included": [],
            }
        ),
    )
    async def list_backups(self, req: Request, resp: Response) -> Backups:
        """List the backups on this device, the newest first.

        `work` is what is being done, or was last: making or verifying one. `restore` is the last
        one asked for here: `stage` is `checking`, `loading` (the other installation is made),
        `starting` (it takes the other's place), and then `done`, with `kept`, the folder with what
        was there before, or `failed`, with `error`, and nothing changed. [Backup](backup.md)
        """
        return await asyncio.to_thread(self._service.overview)

    @route(
        "POST",
        "/v1/system/backups",
        summary="Make a backup",
        scope="admin",
        status=202,
        errors=(409,),
        fields=_FIELDS,
        example=Example(
            request=_SECRET, response={"kind": "make", "file": _NAME, "status": "running"}
        ),
    )
    async def make_backup(self, req: Request, resp: Response, body: NewBackup) -> BackupWorkState:
        """Begin to write everything that is stored into one encrypted file.

        The passphrase has at least 12 characters. `GET` tells how it goes. Of backups made here the
        newest `backup.keep` stay.
        """
        state = self._service.make(body.passphrase)
        await self._record(req, "backup", state.file, "make")
        return state

    @route(
        "GET",
        "/v1/system/backups/{name}",
        summary="Download a backup",
        scope="admin",
        media_type=BYTES,
        errors=(404,),
    )
    async def download_backup(self, req: Request, resp: Response, name: str) -> None:
        """Send the file, which is encrypted."""
        pieces, size = self._service.open(name)
        await self._record(req, "backup", name, "download")
        resp.content_type = BYTES
        resp.content_length = size
        resp.set_header("Content-Disposition", f'attachment; filename="{name}"')
        resp.set_header("Cache-Control", "no-store")
        resp.stream = pieces

    @route(
        "DELETE",
        "/v1/system/backups/{name}",
        summary="Delete a backup",
        scope="admin",
        status=204,
        errors=(404,),
    )
    async def delete_backup(self, req: Request, resp: Response, name: str) -> None:
        """Delete the file."""
        self._service.delete(name)
        await self._record(req, "backup", name, "delete")

    @route(
        "POST",
        "/v1/system/backups/{name}/verify",
        summary="Verify a backup",
        scope="admin",
        status=202,
        errors=(404, 409),
        fields=_FIELDS,
        example=Example(
            request=_SECRET,
            response={"kind": "verify", "file": _NAME, "status": "running", "total": 1_480_233},
        ),
    )
    async def verify_backup(
        self, req: Request, resp: Response, name: str, body: Passphrase
    ) -> BackupWorkState:
        """Begin to read a backup completely; nothing is changed.

        It is 422 if the passphrase is another one. At the end `work.contents` says what it holds.
        """
        return await self._service.verify(name, body.passphrase)

    @route(
        "POST",
        "/v1/system/backups/{name}/restore",
        summary="Restore a backup",
        scope="admin",
        status=202,
        errors=(404, 409),
        fields=_FIELDS | {"with_config": "whether `config.toml` is replaced, too"},
        example=Example(
            request=_SECRET | {"with_config": True},
            response={
                "stage": "checking",
                "file": _NAME,
                "changed_at": "2026-11-27T18:40:11Z",
            },
        ),
    )
    async def restore_backup(
        self, req: Request, resp: Response, name: str, body: RestoreWish
    ) -> RestoreState:
        """Begin to replace everything that is stored by what is in a backup.

        The file is verified, and the installation in it made beside this one, which serves on; what
        is stored after this request is not in the new one. Then everything is started anew with it.
        What was there is kept in a folder of the data folder. If something fails before, also the
        power, nothing has changed. It is 409 where `restorable` is false. A program's key cannot do
        this, since a backup brings keys and people of its own: 403.
        """
        caller: Caller = req.context.caller
        caller.require_person()
        state = await self._service.restore(name, body.passphrase, with_config=body.with_config)
        await self._record(req, "backup", name, "restore")
        return state

    @route(
        "POST",
        "/v1/system/backup-upload",
        summary="Upload a backup in pieces",
        scope="admin",
        unlimited=True,
        raw_body=True,
        errors=(409,),
        example=Example(response={"held": 1_048_576, "complete": False}),
    )
    async def upload_backup(self, req: Request, resp: Response, query: UploadQuery) -> UploadState:
        """Take a piece of a backup, as long as a body may be (`server.body_limit_bytes`).

        `name` and `size` are those of the whole file, and `offset` is where the piece begins. A
        piece that does not begin where the file ends changes nothing; `held` says where the next
        one has to.
        """
        piece = await self._bodies.read_bytes(req)
        return await asyncio.to_thread(
            self._service.take, query.name, query.size, query.offset, piece
        )

    async def _record(self, req: Request, kind: str, subject: str, what: str) -> None:
        await self._audit.record(
            req.context.user, "ran", kind=kind, subject=subject, what=f"{what} {subject}"
        )
