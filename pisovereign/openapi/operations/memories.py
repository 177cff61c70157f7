"""Memories."""

from __future__ import annotations

from pisovereign.memory.types import (
    CreatedMemory,
    DecayReport,
    FoundMemory,
    ListQuery,
    Memory,
    MemoryChange,
    NewMemory,
    SearchQuery,
    Stats,
)
from pisovereign.openapi.answers import Deleted
from pisovereign.openapi.operation import Answer, Operation, links
from pisovereign.openapi.queries import Confirmation

TAG = "Memory"
OPERATIONS = (
    Operation(
        method="get",
        path="/v1/memories",
        id="listMemories",
        tag=TAG,
        summary="List all stored memories",
        query=ListQuery,
        answer=Answer(type=list[Memory], headers=("X-Total-Count",)),
    ),
    Operation(
        method="post",
        path="/v1/memories",
        id="createMemory",
        tag=TAG,
        summary="Create a new memory entry",
        request=NewMemory,
        answer=Answer(
            status=201,
            description="Created",
            type=CreatedMemory,
            headers=("Location",),
            links=links("memory_id", "getMemory", "changeMemory", "deleteMemory"),
        ),
        errors=(409, 502),
    ),
    Operation(
        method="delete",
        path="/v1/memories",
        id="forgetMemories",
        tag=TAG,
        summary="Forget every memory",
        query=Confirmation,
        answer=Answer(type=Deleted),
    ),
    Operation(
        method="get",
        path="/v1/memories/search",
        id="searchMemories",
        tag=TAG,
        summary="Search memories by semantic similarity",
        query=SearchQuery,
        answer=Answer(type=list[FoundMemory]),
    ),
    Operation(
        method="get",
        path="/v1/memories/stats",
        id="memoryStats",
        tag=TAG,
        summary="Get memory storage statistics",
        answer=Answer(type=Stats),
    ),
    Operation(
        method="post",
        path="/v1/memories/decay",
        id="decayMemories",
        tag=TAG,
        summary="Trigger a memory importance decay cycle",
        answer=Answer(type=DecayReport),
    ),
    Operation(
        method="get",
        path="/v1/memories/export",
        id="exportMemories",
        tag=TAG,
        summary="Export every memory as lines of JSON",
        answer=Answer(media="application/x-ndjson"),
    ),
    Operation(
        method="get",
        path="/v1/memories/{memory_id}",
        id="getMemory",
        tag=TAG,
        summary="Get a specific memory by ID",
        answer=Answer(type=Memory),
    ),
    Operation(
        method="patch",
        path="/v1/memories/{memory_id}",
        id="changeMemory",
        tag=TAG,
        summary="Change a memory",
        request=MemoryChange,
        answer=Answer(type=Memory),
        errors=(409, 502),
    ),
    Operation(
        method="delete",
        path="/v1/memories/{memory_id}",
        id="deleteMemory",
        tag=TAG,
        summary="Delete a specific memory",
        answer=Answer(status=204, description="Deleted", media=None),
    ),
)
