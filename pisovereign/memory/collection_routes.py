"""The routes of several memories at once, and of why each is remembered."""

from __future__ import annotations

from falcon.asgi import Request, Response

from pisovereign.asgi.routes import Example, Routes, parse_id, route
from pisovereign.memory.service import MemoryService
from pisovereign.memory.types import Deleted, Forgetting, Import, Imported, MemoryOrigin


class MemoryCollectionRoutes(Routes, tag="Memory"):
    """Importing, forgetting and explaining memories; all rules are in the service."""

    def __init__(self, service: MemoryService) -> None:
        self._service = service

    @route(
        "POST",
        "/v1/memories/import",
        summary="Remember what was exported",
        errors=(409, 502, 507),
        fields={
            "memories": (
                "1 to 200, each with `content`, and if wanted with `summary`, `memory_type`, "
                "`importance` and `tags`, as in `POST /v1/memories`"
            )
        },
        example=Example(
            request={"memories": [{"content": "The user prefers dark mode"}]},
            response={"added": 1, "merged": 0},
        ),
    )
    async def import_memories(self, req: Request, resp: Response, body: Import) -> Imported:
        """Remember many at once, such as the lines of an export.

        What one of your memories of the same type says already is merged with it, so that importing
        again adds nothing. They are new memories, of this moment. If it ends in the middle, those
        before that are stored.
        """
        return await self._service.import_all(req.context.user.user_id, body.memories)

    @route(
        "POST",
        "/v1/memories/forget",
        operation_id="forgetSomeMemories",
        summary="Forget several memories",
        fields={"ids": "1 to 200 ids"},
        example=Example(
            request={"ids": ["9f0a3a52-3d5c-4c8e-8f0e-6a5f2f3f7c11"]}, response={"deleted": 1}
        ),
    )
    async def forget_some(self, req: Request, resp: Response, body: Forgetting) -> Deleted:
        """Delete exactly these memories, such as those that a search has shown.

        `deleted` counts those that there were.
        """
        return Deleted(await self._service.forget(req.context.user.user_id, body.ids))

    @route(
        "GET",
        "/v1/memories/{id}/origin",
        summary="Show why something is remembered",
        example=Example(
            response={
                "given_importance": 0.8,
                "importance": 0.74,
                "used_at": "2026-02-24T09:00:00.159707Z",
                "access_count": 5,
                "sources": [
                    {
                        "origin": "added",
                        "at": "2026-02-24T08:50:00.159707Z",
                        "sentence": None,
                        "conversation_id": None,
                        "message_id": None,
                    }
                ],
            }
        ),
    )
    async def memory_origin(self, req: Request, resp: Response, memory: str) -> MemoryOrigin:
        """Show on which occasions a memory came, the newest ten, and how its importance fades.

        `origin` is `said` for what was learned from chat, `asked` for what somebody asked to be
        remembered, `added` for what was added over the API, and `imported`. `sentence` is null
        where there is none, and once the memory's text was changed. `conversation_id` is null
        unless the conversation is still there. What was remembered before occasions were noted has
        none.
        """
        return await self._service.origin(req.context.user.user_id, parse_id(memory, "memory"))
