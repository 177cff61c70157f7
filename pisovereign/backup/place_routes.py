"""The routes of places for backups."""

from __future__ import annotations

from falcon.asgi import Request, Response

from pisovereign.asgi.routes import Example, Routes, route
from pisovereign.audit.service import AuditLog
from pisovereign.backup.place_service import BackupPlaceService
from pisovereign.backup.place_types import BackupPlaces, Begun, Fetch, PlaceFiles
from pisovereign.backup.types import BackupWorkState

_NAME = "pisovereign-1f0a9c3e-20261127T020000Z.backup"


class BackupPlaceRoutes(Routes, tag="Backup"):
    """Places for backups over HTTP.

    Args:
        service: Does it.
        audit: Is told of what was asked for.
    """

    def __init__(self, service: BackupPlaceService, audit: AuditLog) -> None:
        self._service = service
        self._audit = audit

    @route(
        "GET",
        "/v1/system/backup-places",
        summary="See how backups by the schedule get on",
        scope="admin",
        example=Example(
            response={
                "status": "good",
                "last_good_at": "2026-11-27T02:00:00Z",
                "next_at": "2026-11-28T02:00:00Z",
                "running": False,
                "passphrase": True,
                "places": [
                    {
                        "place": "webdav",
                        "status": "good",
                        "good_at": "2026-11-27T02:00:00Z",
                        "good_name": _NAME,
                        "good_bytes": 1_480_233,
                        "failed_at": None,
                        "error": None,
                    }
                ],
            }
        ),
    )
    async def list_backup_places(self, req: Request, resp: Response) -> BackupPlaces:
        """Show the places that are connected, and the last good backup at each.

        A backup is good when a restore of it has been rehearsed, and it arrived whole. `status` is
        `off` without a schedule, `nowhere` without a place, `waiting` before the first one,
        `good`, `failing`, with the `error`, or `old`: more than two days, or nine where it is
        weekly. [The schedule](backup.md#automatic-backups) is one of the
        [settings](#get-v1settings).
        """
        return await self._service.overview()

    @route(
        "POST",
        "/v1/system/backup-places/run",
        summary="Make a backup now, and send it to every place",
        scope="admin",
        status=202,
        errors=(409,),
        example=Example(response={"running": True}),
    )
    async def run_backup(self, req: Request, resp: Response) -> Begun:
        """Begin what the schedule does: make one, rehearse a restore, send it, delete old ones.

        It is 409 where no place is connected, where there is no passphrase, and while one is made.
        """
        begun = await self._service.begin()
        await self._record(req, "places", "run")
        return begun

    @route(
        "GET",
        "/v1/system/backup-places/{place}/files",
        summary="List the backups at a place",
        scope="admin",
        errors=(404, 502),
        example=Example(
            response={
                "files": [{"name": _NAME, "size": 1_480_233, "made_at": "2026-11-27T02:00:00Z"}]
            }
        ),
    )
    async def list_place_backups(self, req: Request, resp: Response, place: str) -> PlaceFiles:
        """List the backups at `folder`, `stick`, `webdav` or `s3`, the newest first."""
        return await self._service.files(place)

    @route(
        "POST",
        "/v1/system/backup-places/{place}/fetch",
        summary="Bring a backup here",
        scope="admin",
        status=202,
        errors=(404, 409, 502),
        fields={"name": "of the backup, as it is listed"},
        example=Example(
            request={"name": _NAME},
            response={"kind": "fetch", "file": _NAME, "status": "running", "total": 1_480_233},
        ),
    )
    async def fetch_backup(
        self, req: Request, resp: Response, place: str, body: Fetch
    ) -> BackupWorkState:
        """Begin to copy a backup from a place into the folder of backups.

        From there it can be [verified](#post-v1systembackupsnameverify) and
        [restored](#post-v1systembackupsnamerestore).
        [`GET /v1/system/backups`](#get-v1systembackups) tells how it goes.
        """
        state = await self._service.fetch(place, body.name)
        await self._record(req, body.name, "fetch")
        return state

    async def _record(self, req: Request, subject: str, what: str) -> None:
        await self._audit.record(
            req.context.user, "ran", kind="backup", subject=subject, what=f"{what} {subject}"
        )
