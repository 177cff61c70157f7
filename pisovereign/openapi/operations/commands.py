"""Commands and the catalog of system commands."""

from __future__ import annotations

from pisovereign.actions.resources import CommandRequest
from pisovereign.actions.results import Pending
from pisovereign.catalog.types import (
    CatalogCommand,
    Count,
    ExecuteRequest,
    Execution,
    ListQuery,
    NewCommand,
    PendingApproval,
    SearchQuery,
)
from pisovereign.openapi.answers import CommandAnswer
from pisovereign.openapi.operation import Answer, Operation, links
from pisovereign.parsing.types import Parsed, ParseRequest

TAG, CATALOG = "Commands", "Catalog"
ROOT = "/v1/commands/catalog"
OPERATIONS = (
    Operation(
        method="post",
        path="/v1/commands",
        id="runCommand",
        tag=TAG,
        summary="Execute a command and get the result",
        description="`help` lists the commands with their arguments.",
        request=CommandRequest,
        answer=Answer(type=CommandAnswer, alternative=Pending),
        errors=(502,),
    ),
    Operation(
        method="post",
        path="/v1/commands/parse",
        id="parseCommand",
        tag=TAG,
        summary="Parse a command without executing it",
        request=ParseRequest,
        answer=Answer(type=Parsed),
    ),
    Operation(
        method="get",
        path=ROOT,
        id="listCatalog",
        tag=CATALOG,
        summary="List all commands in the catalog",
        query=ListQuery,
        answer=Answer(type=list[CatalogCommand], headers=("X-Total-Count",)),
    ),
    Operation(
        method="post",
        path=ROOT,
        id="createCatalogCommand",
        tag=CATALOG,
        summary="Create a custom catalog command",
        request=NewCommand,
        answer=Answer(
            status=201,
            description="Created",
            type=CatalogCommand,
            headers=("Location",),
            links=links(
                "command_id", "getCatalogCommand", "executeCatalogCommand", "deleteCatalogCommand"
            ),
        ),
        errors=(409,),
    ),
    Operation(
        method="get",
        path=f"{ROOT}/search",
        id="searchCatalog",
        tag=CATALOG,
        summary="Search the catalog by keyword",
        query=SearchQuery,
        answer=Answer(type=list[CatalogCommand], headers=("X-Total-Count",)),
    ),
    Operation(
        method="get",
        path=f"{ROOT}/count",
        id="countCatalog",
        tag=CATALOG,
        summary="Get the total number of catalog entries",
        answer=Answer(type=Count),
    ),
    Operation(
        method="get",
        path=f"{ROOT}/{{command_id}}",
        id="getCatalogCommand",
        tag=CATALOG,
        summary="Get a specific catalog command by ID",
        answer=Answer(type=CatalogCommand),
    ),
    Operation(
        method="delete",
        path=f"{ROOT}/{{command_id}}",
        id="deleteCatalogCommand",
        tag=CATALOG,
        summary="Delete a catalog command",
        answer=Answer(status=204, description="Deleted", media=None),
    ),
    Operation(
        method="post",
        path=f"{ROOT}/{{command_id}}/execute",
        id="executeCatalogCommand",
        tag=CATALOG,
        summary="Execute a command from the catalog",
        request=ExecuteRequest,
        body_optional=True,
        answer=Answer(type=Execution, alternative=PendingApproval),
        errors=(409, 502),
    ),
)
