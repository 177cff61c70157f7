"""This description itself, and the pages that show it."""

from __future__ import annotations

from typing import Any

from pisovereign.openapi.operation import Answer, Operation

TAG = "Documentation"
OPERATIONS = (
    Operation(
        method="get",
        path="/",
        id="chatPage",
        tag=TAG,
        summary="The chat page",
        answer=Answer(media="text/html"),
        errors=(429,),
        public=True,
    ),
    Operation(
        method="get",
        path="/api-docs/openapi.json",
        id="openapi",
        tag=TAG,
        summary="This document",
        answer=Answer(type=dict[str, Any]),
        errors=(429,),
        public=True,
    ),
    Operation(
        method="get",
        path="/swagger-ui",
        id="swaggerUi",
        tag=TAG,
        summary="The API in Swagger UI",
        answer=Answer(media="text/html"),
        errors=(429,),
        public=True,
    ),
    Operation(
        method="get",
        path="/redoc",
        id="redoc",
        tag=TAG,
        summary="The API in ReDoc",
        answer=Answer(media="text/html"),
        errors=(429,),
        public=True,
    ),
)
