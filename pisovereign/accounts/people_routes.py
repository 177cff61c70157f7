"""The routes of people, for those who may invite others."""

from __future__ import annotations

from typing import Any

from falcon.asgi import Request, Response

from pisovereign.accounts.links import SignInLinks
from pisovereign.accounts.people import PeopleService
from pisovereign.accounts.requests import caller_of
from pisovereign.accounts.sign_in_routes import CODE
from pisovereign.accounts.types import ErasePerson, Invited, NewPerson, Person, PersonPatch
from pisovereign.asgi.routes import Example, Routes, parse_id, route

_BEN: dict[str, Any] = {
    "id": "0b6a7d3e-3a58-4d2f-8a39-0f6a1c2b7d11",
    "name": "Ben",
    "role": "member",
    "scopes": ["approve", "user"],
    "state": "invited",
    "configured": False,
    "created_at": "2026-02-07T10:30:00.159707Z",
    "joined_at": None,
}
_INVITATION = {
    **CODE,
    "code": "K7QM-2XRD-9TFB-4HWZ",
    "link": "http://pisovereign.local/sign-in#K7QM-2XRD-9TFB-4HWZ",
}


class PeopleRoutes(Routes, tag="People"):
    """People over HTTP; all rules are in the service."""

    def __init__(self, service: PeopleService, links: SignInLinks) -> None:
        self._service = service
        self._links = links

    @route(
        "GET",
        "/v1/people",
        summary="Show who may use this device",
        scope="admin",
        example=Example(response=[_BEN]),
    )
    async def list_people(self, req: Request, resp: Response) -> list[Person]:
        """Show everybody: those with a key in `config.toml`, then those who were invited.

        `configured` people are changed in `config.toml` only. `state` is `invited` until somebody
        has used their invitation, then `active`, or `disabled`.
        """
        return await self._service.everybody()

    @route(
        "POST",
        "/v1/people",
        operation_id="invitePerson",
        summary="Invite somebody",
        scope="admin",
        status=201,
        errors=(409,),
        fields={
            "name": "1 to 60 characters; they may choose another one",
            "role": "`owner`, `member` (the default) or `restricted`",
        },
        example=Example(
            request={"name": "Ben", "role": "member"},
            response={"person": _BEN, "invitation": _INVITATION},
        ),
    )
    async def invite(self, req: Request, resp: Response, body: NewPerson) -> Invited:
        """Invite somebody: 201, and a link that lets them in once, within seven days.

        An `owner` may do everything; a `member` decides on their own approvals; for somebody
        `restricted`, such as a child or a guest, an owner does. Each sees their
        own things only. There are at most 50 people. Nobody gives more than they have, and a
        program's key cannot do this: 403.
        """
        caller_of(req).require_person()
        person, code = await self._service.invite(req.context.user, body)
        return Invited(person=person, invitation=self._links.link(req, code))

    @route(
        "POST",
        "/v1/people/{id}/invitation",
        summary="Make a new invitation",
        scope="admin",
        status=201,
        errors=(409,),
        example=Example(response={"person": _BEN, "invitation": _INVITATION}),
    )
    async def invite_again(self, req: Request, resp: Response, person_id: str) -> Invited:
        """Make a new link for somebody who lost theirs, or all their devices; 409 if disabled.

        Nobody does this for somebody who may do more, or with a program's key: 403.
        """
        caller_of(req).require_person()
        person, code = await self._service.invite_again(
            req.context.user, parse_id(person_id, "person")
        )
        return Invited(person=person, invitation=self._links.link(req, code))

    @route(
        "PATCH",
        "/v1/people/{id}",
        operation_id="changePerson",
        summary="Change a role, or disable somebody",
        scope="admin",
        errors=(409,),
        fields={
            "role": "`owner`, `member` or `restricted`",
            "state": "`disabled`, or `active` again",
        },
        example=Example(
            request={"role": "restricted"},
            response={**_BEN, "role": "restricted", "scopes": ["user"]},
        ),
    )
    async def change(
        self, req: Request, resp: Response, person_id: str, body: PersonPatch
    ) -> Person:
        """Change the fields that are given, which counts at once.

        Whoever is disabled is signed out everywhere, and what they stored stays. The last owner
        stays one: 409. Nobody gives more than they have, and a program's key cannot do this: 403.
        """
        caller_of(req).require_person()
        return await self._service.change(req.context.user, parse_id(person_id, "person"), body)

    @route(
        "DELETE",
        "/v1/people/{id}",
        operation_id="erasePerson",
        summary="Remove somebody with all that they stored",
        scope="admin",
        status=204,
        errors=(409,),
    )
    async def erase(self, req: Request, resp: Response, person_id: str, query: ErasePerson) -> None:
        """Delete a person with their conversations, memories and everything else: 204.

        `?confirm=erase` is required, since nothing brings it back; to keep what they stored,
        disable them. What stays is on the [privacy page](privacy.md#erasing-a-person): above all
        their audit log, and backups that were made before. Whoever is in `config.toml` (409) is
        erased by their `user_id` once their keys are gone from there. The last owner cannot be
        removed: 409. A program's key cannot do this: 403.
        """
        caller_of(req).require_person()
        await self._service.erase(req.context.user, parse_id(person_id, "person"))
