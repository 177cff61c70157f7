"""The routes of memories."""

from __future__ import annotations

from falcon.asgi import Request, Response

from pisovereign.asgi.json_lines import send_json_lines
from pisovereign.asgi.routes import Example, Page, Routes, parse_id, route
from pisovereign.errors import ValidationFailed
from pisovereign.memory.service import MemoryService
from pisovereign.memory.types import (
    Confirmation,
    CreatedMemory,
    DecayReport,
    Deleted,
    FoundMemory,
    ListQuery,
    Memory,
    MemoryChange,
    NewMemory,
    SearchQuery,
    Stats,
)

_MEMORY = {
    "id": "9f0a3a52-3d5c-4c8e-8f0e-6a5f2f3f7c11",
    "content": "The user prefers dark mode",
    "summary": "UI preference: dark mode",
    "memory_type": "Preference",
    "importance": 0.8,
    "access_count": 5,
    "tags": ["ui", "preference"],
    "created_at": "2026-02-24T08:50:00.159707Z",
    "updated_at": "2026-02-24T09:00:00.159707Z",
}


class MemoryRoutes(Routes, tag="Memory"):
    """Memories over HTTP; all rules are in the service."""

    def __init__(self, service: MemoryService) -> None:
        self._service = service

    @route(
        "GET",
        "/v1/memories",
        summary="List all stored memories",
        example=Example(response=[_MEMORY]),
    )
    async def list_memories(self, req: Request, resp: Response, query: ListQuery) -> Page[Memory]:
        """List your memories, the newest first.

        `?limit=` is 1 to 500 (100 if not given), `?offset=` skips entries, `?memory_type=` shows
        one type only.

        `importance` is what is left of the importance that was given: see
        [memory.md](memory.md#importance-fades). `access_count` is written in batches, about once a
        minute. Two more fields appear where they apply: `superseded_by`, the id of the newer one
        that took the place of this memory in searches, and `error`, if the stored text cannot be
        opened; content and summary are empty then. A memory that is asked for alone also has
        `supersedes`, the ids of those whose place it took, if there are any.
        """
        return Page(*await self._service.page(req.context.user.user_id, query))

    @route(
        "POST",
        "/v1/memories",
        summary="Create a new memory entry",
        status=201,
        errors=(409, 502, 507),
        links=(
            "getMemory",
            "changeMemory",
            "deleteMemory",
        ),
        fields={
            "content": "1 to 32,000 characters, not blank, no NUL",
            "summary": "1 to 2,000 characters, not blank, no NUL",
            "memory_type": (
                "`fact`, `preference`, `tool_result`, `correction` or "
                "`context` (if not given), or its name in responses"
            ),
            "importance": "0.0 to 1.0; 0.5 if not given",
            "tags": "at most 32, each 1 to 64 characters, not blank, no NUL",
            "corrects": (
                "with `correction`: the id of the memory whose place it takes; "
                "if not given, the most similar one is looked for"
            ),
        },
        example=Example(
            request={
                "content": "The user prefers dark mode",
                "summary": "UI preference: dark mode",
                "memory_type": "preference",
                "importance": 0.8,
                "tags": ["ui", "preference"],
            },
            response={
                **_MEMORY,
                "access_count": 0,
                "updated_at": "2026-02-24T08:50:00.159707Z",
                "merged": False,
            },
        ),
    )
    async def create_memory(self, req: Request, resp: Response, body: NewMemory) -> CreatedMemory:
        """Remember something: 201, `Location`, and the memory.

        `merged` is true when one of your memories of the same type says the same already. Then that
        one is updated and shown: it keeps its id, the longer text, the tags of both and the higher
        importance.

        A memory is stored also while the embedding model is away. Then it is found by its words,
        and by its meaning once the model has read it.
        """
        memory = await self._service.create(req.context.user.user_id, body)
        resp.location = f"/v1/memories/{memory.id}"
        return memory

    @route(
        "DELETE",
        "/v1/memories",
        summary="Forget every memory",
        query=Confirmation,
        example=Example(response={"deleted": 42}),
    )
    async def forget_memories(self, req: Request, resp: Response) -> Deleted:
        """Delete every memory of yours, for good.

        Needs `?confirm=all`.
        """
        if req.get_param("confirm") != "all":
            raise ValidationFailed(
                [{"field": "confirm", "error": "must be all, to delete every memory"}]
            )
        return Deleted(await self._service.delete_all(req.context.user.user_id))

    @route(
        "GET",
        "/v1/memories/search",
        summary="Search memories by semantic similarity",
        example=Example(
            response=[
                {
                    **_MEMORY,
                    "similarity": 0.61,
                    "score": 0.99,
                    "score_parts": {
                        "dense": 1.0,
                        "lexical": 0.71,
                        "importance": 1.03,
                        "recency": 1.02,
                    },
                }
            ]
        ),
    )
    async def search_memories(
        self, req: Request, resp: Response, query: SearchQuery
    ) -> list[FoundMemory]:
        """Find the memories that fit `?q=` best, in meaning or in words, the best first.

        `q` is 1 to 10,000 characters. `?limit=` is 1 to 100 (10 if not given), `?threshold=` the
        least similarity (-1.0 to 1.0), `?memory_type=` searches one type only.

        `similarity` is the cosine of the two texts' embeddings. `score` is what the order comes
        from: see [memory.md](memory.md#search). While the embedding model is away, `similarity` and
        `dense` are null, and only memories that share words with the query are found.
        """
        return await self._service.search(req.context.user.user_id, query)

    @route(
        "GET",
        "/v1/memories/stats",
        summary="Get memory storage statistics",
        example=Example(
            response={
                "total": 42,
                "by_type": [
                    {"memory_type": "Fact", "count": 15},
                    {"memory_type": "Preference", "count": 8},
                    {"memory_type": "Tool Result", "count": 10},
                    {"memory_type": "Correction", "count": 2},
                    {"memory_type": "Context", "count": 7},
                ],
                "embedding": {"model": "all-minilm-l6-v2", "embedded": 42},
                "embeddings": [
                    {"model": "all-minilm-l6-v2", "embedded": 42},
                    {"model": "use-multilingual", "embedded": 30},
                ],
            }
        ),
    )
    async def memory_stats(self, req: Request, resp: Response) -> Stats:
        """Count your memories, and those that each embedding model has read.

        After a change of the models, `embedded` rises until it is `total`.
        """
        return await self._service.stats(req.context.user.user_id)

    @route(
        "POST",
        "/v1/memories/decay",
        summary="Trigger a memory importance decay cycle",
        example=Example(response={"decayed": 3, "deleted": 0, "total": 42}),
    )
    async def decay_memories(self, req: Request, resp: Response) -> DecayReport:
        """Bring the importance of your memories up to now, as happens daily by itself.

        Doing it again changes nothing. `decayed` counts the memories whose importance fell,
        `deleted` those that were deleted because of it (none, unless `memory.delete_below` is set),
        `total` those that are left.
        """
        return await self._service.decay(req.context.user.user_id)

    @route(
        "GET",
        "/v1/memories/export",
        summary="Export every memory as lines of JSON",
        media_type="application/x-ndjson",
        example=Example(
            response=(
                '{"id": "9f0a3a52-3d5c-4c8e-8f0e-6a5f2f3f7c11", "content": "The user '
                'prefers dark mode", "summary": "UI preference: dark mode", '
                '"memory_type": "Preference", "importance": 0.8, "access_count": 5, '
                '"tags": ["ui", "preference"], "created_at": '
                '"2026-02-24T08:50:00.159707Z", "updated_at": '
                '"2026-02-24T09:00:00.159707Z"}\n'
            )
        ),
    )
    async def export_memories(self, req: Request, resp: Response) -> None:
        """Export all of your memories, the oldest first, one JSON object a line.

        Each line (`application/x-ndjson`) has the form of the list.
        """
        send_json_lines(resp, self._service.export(req.context.user.user_id))

    @route(
        "GET",
        "/v1/memories/{id}",
        summary="Get a specific memory by ID",
        example=Example(response=_MEMORY),
    )
    async def get_memory(self, req: Request, resp: Response, memory: str) -> Memory:
        """Show one memory, in the form of the list.

        Counts as a use of it.
        """
        return await self._service.get(req.context.user.user_id, parse_id(memory, "memory"))

    @route(
        "PATCH",
        "/v1/memories/{id}",
        summary="Change a memory",
        errors=(409, 502, 507),
        example=Example(
            request={
                "content": "The user prefers light mode",
                "summary": "UI preference: light mode",
            },
            response={
                **_MEMORY,
                "content": "The user prefers light mode",
                "summary": "UI preference: light mode",
            },
        ),
    )
    async def change_memory(
        self, req: Request, resp: Response, memory: str, body: MemoryChange
    ) -> Memory:
        """Change the fields of a memory that are given.

        The rules are those of `POST /v1/memories`, without `corrects`.
        """
        user = req.context.user.user_id
        return await self._service.change(user, parse_id(memory, "memory"), body)

    @route(
        "DELETE",
        "/v1/memories/{id}",
        summary="Delete a specific memory",
        status=204,
    )
    async def delete_memory(self, req: Request, resp: Response, memory: str) -> None:
        """Delete a memory: 204 without a body, 404 if there is none.

        What it corrected is found again.
        """
        await self._service.delete(req.context.user.user_id, parse_id(memory, "memory"))
