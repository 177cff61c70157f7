"""The route of contacts."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from falcon.asgi import Request, Response
from msgspec import Meta

from pisovereign.actions.contact_search import ContactPage, ContactSearch
from pisovereign.asgi.routes import Example, Routes, route
from pisovereign.validation import no_nul

_CONTACT: dict[str, Any] = {
    "name": "Anna Schmidt",
    "id": "L2FsaWNlL2ZyaWVuZHMvYW5uYS52Y2Y",
    "emails": [{"value": "anna@example.org", "label": "home"}],
    "phones": [{"value": "+49 151 2345678", "label": "cell"}],
    "birthday": "1980-05-17",
    "book": "Friends",
}


class ContactQuery(msgspec.Struct, frozen=True, kw_only=True):
    """The parameters of `GET /v1/contacts`."""

    q: Annotated[str, Meta(max_length=200, extra={"rules": (no_nul,)})] = ""
    limit: Annotated[int, Meta(ge=1, le=100)] = 20
    offset: Annotated[int, Meta(ge=0, le=100_000)] = 0


class ContactRoutes(Routes, tag="Calendar"):
    """Contacts over HTTP."""

    def __init__(self, search: ContactSearch) -> None:
        self._search = search

    @route(
        "GET",
        "/v1/contacts",
        summary="Search the address books",
        errors=(502,),
        example=Example(response={"contacts": [_CONTACT], "total": 1}),
    )
    async def search_contacts(
        self, req: Request, resp: Response, query: ContactQuery
    ) -> ContactPage:
        """Search the address books of the calendar's server, by name.

        `?q=` are the beginnings of words of a name, an organization or an address; without it
        everybody is listed. A birthday is `--05-17` where the year is not known; what is not known
        is left out. Contacts are at most a minute old. Nothing is changed here. When no calendar is
        set up, that is a 503 that names the setting.
        """
        user = req.context.user.user_id
        return await self._search.page(user, query.q, query.limit, query.offset)
