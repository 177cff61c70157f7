"""The routes of connections."""

from __future__ import annotations

from typing import Any

from falcon.asgi import Request, Response

from pisovereign.api_keys import Identity
from pisovereign.asgi.routes import Example, Routes, route
from pisovereign.connections.preferences import PreferenceService
from pisovereign.connections.service import ConnectionService
from pisovereign.connections.types import (
    ConnectionForm,
    Connections,
    SettingsForm,
    SettingsForms,
    TestValues,
    Values,
)
from pisovereign.connectors.types import TestResult
from pisovereign.languages import Language

_CARD: dict[str, Any] = {
    "kind": "weather",
    "title": "Weather",
    "description": "The weather where you live, from Open-Meteo. No account is needed.",
    "personal": False,
    "source": "none",
    "editable": True,
    "state": {"status": "not_set_up", "since": None, "error": None},
}
_FORM: dict[str, Any] = _CARD | {
    "fields": [
        {
            "name": "location",
            "type": "text",
            "label": "Place",
            "help": "Your town, with a region or country if there are several.",
            "required": False,
            "advanced": False,
            "generated": False,
            "placeholder": "Berlin",
            "choices": [],
        }
    ],
    "values": {},
    "secrets": {},
    "providers": [],
    "reason": "",
    "webhook": "",
    "updated_at": None,
}
_SETTINGS: dict[str, Any] = {
    "kind": "reminders",
    "title": "Reminders",
    "description": "How you are told that a reminder is due.",
    "personal": True,
    "source": "none",
    "editable": True,
    "fields": [
        {
            "name": "snooze_minutes",
            "type": "number",
            "label": "Snooze for",
            "help": "In minutes, if you do not say for how long.",
            "required": False,
            "advanced": False,
            "generated": False,
            "placeholder": "",
            "choices": [],
        }
    ],
    "values": {"deliver": ["events"], "snooze_minutes": 15},
    "secrets": {},
    "reason": "",
    "updated_at": None,
}
_SAVED = {"values": {"location": "Berlin"}}


class ConnectionRoutes(Routes, tag="Connections"):
    """Connections over HTTP; all rules are in the service."""

    def __init__(self, service: ConnectionService) -> None:
        self._service = service

    @route(
        "GET",
        "/v1/connections",
        summary="Show what PiSovereign is connected to",
        example=Example(response={"connections": [_CARD]}),
    )
    async def list_connections(self, req: Request, resp: Response) -> Connections:
        """Show weather, calendar, mail and all others, and whether each works for you.

        `source` is `none`, `saved` (here) or `configuration`: what `config.toml` or the environment
        sets wins, and cannot be changed here. `personal` connections are your own, the others the
        household's. `editable` says whether your key may change it. `state.status` is `not_set_up`,
        `works`, `fails` (`since` and `error` say more) or `unreadable`: what was saved does not fit
        any more, or was sealed with another key. Texts are in the language that `Accept-Language`
        prefers. [Connections](integrations.md#connections-on-the-page)
        """
        return Connections(await self._service.connections(_caller(req), _language(req)))

    @route(
        "GET",
        "/v1/connections/{kind}",
        summary="Show a connection and its form",
        example=Example(response=_FORM),
    )
    async def get_connection(self, req: Request, resp: Response, kind: str) -> ConnectionForm:
        """Show what is set, and the fields of the form that sets it.

        `fields` describe the form: `type` is `text`, `secret`, `number`, `decimal`, `choice`,
        `choices` (several of them), `switch`, `names` (a list of texts), `file` (its text) or
        `senders` (a list of `phone`, `user_id`, `approve`).
        Secrets never come out: `secrets` says which are set. `providers` are known ones, with
        `values` to fill in, and what one has to know. Needs a key with the scope `admin`, or
        `approve` for one's own calendar and mailbox.
        """
        return await self._service.form(_caller(req), kind, _language(req))

    @route(
        "PUT",
        "/v1/connections/{kind}",
        summary="Set up a connection",
        errors=(409,),
        fields={"values": "The fields of the form by name; a secret that is left out stays"},
        example=Example(request=_SAVED, response=_FORM),
    )
    async def save_connection(
        self, req: Request, resp: Response, kind: str, body: Values
    ) -> ConnectionForm:
        """Save a connection, sealed, and use it from now on, without a restart.

        What goes on with the old settings comes to its end with them. If server or account change,
        secrets have to be given again. 409 if the configuration sets this connection, 422 names
        every field that is wrong. Nothing is tried: see the test below. Needs a key with the scope
        `admin`, or `approve` for one's own calendar and mailbox; only `admin` may name servers of
        the local network.
        """
        return await self._service.save(_caller(req), kind, body.values, _language(req))

    @route(
        "DELETE",
        "/v1/connections/{kind}",
        summary="Remove a connection",
        status=204,
    )
    async def remove_connection(self, req: Request, resp: Response, kind: str) -> None:
        """Remove what was saved, secrets included; nothing uses it from now on."""
        await self._service.remove(_caller(req), kind)

    @route(
        "POST",
        "/v1/connections/{kind}/test",
        summary="Try a connection step by step",
        optional_body=True,
        errors=(409,),
        fields={"values": "As for saving; without them, what is set up is tried"},
        example=Example(
            response={
                "status": "works",
                "detail": "Berlin: 15°C, partly cloudy",
                "steps": [
                    {
                        "name": "resolve",
                        "title": "Find the address of api.open-meteo.com:443",
                        "server": "api.open-meteo.com:443",
                        "status": "done",
                        "detail": "94.130.142.35",
                        "took_ms": 18.2,
                    }
                ],
            },
        ),
    )
    async def test_connection(
        self, req: Request, resp: Response, kind: str, body: TestValues
    ) -> TestResult:
        """Try what a form holds, or what is set up; nothing is saved, and nothing is sent.

        The steps are `resolve`, `connect`, `tls`, `sign_in` and `read`, at each server; `status` is
        `done`, `failed` or `skipped`, and `detail` says what was seen, or what is wrong. Secrets
        that are left out are the saved ones, if server and account are too.
        """
        return await self._service.test(_caller(req), kind, body.values, _language(req))


class PreferenceRoutes(Routes, tag="Settings"):
    """Settings over HTTP; all rules are in the service."""

    def __init__(self, service: PreferenceService) -> None:
        self._service = service

    @route(
        "GET",
        "/v1/settings",
        summary="Show settings that can be changed without a restart",
        example=Example(response={"settings": [_SETTINGS]}),
    )
    async def list_settings(self, req: Request, resp: Response) -> SettingsForms:
        """Show each group of settings with its form, as for a [connection](#get-v1connectionskind).

        `source` is `none` where everything is as it comes. Where `config.toml` or the environment
        sets something else, that wins (`configuration`). Needs a key with the scope `approve` or
        `admin`.
        """
        return SettingsForms(await self._service.forms(_caller(req), _language(req)))

    @route(
        "PUT",
        "/v1/settings/{kind}",
        summary="Change settings",
        errors=(409,),
        fields={"values": "The fields of the form by name"},
        example=Example(
            request={"values": {"deliver": ["events"], "snooze_minutes": 10}}, response=_SETTINGS
        ),
    )
    async def save_settings(
        self, req: Request, resp: Response, kind: str, body: Values
    ) -> SettingsForm:
        """Save a group of settings, which hold at once.

        A way of telling that is not set up for you is a 422, 409 says that the configuration sets
        this.
        """
        return await self._service.save(_caller(req), kind, body.values, _language(req))

    @route(
        "DELETE",
        "/v1/settings/{kind}",
        summary="Go back to the usual settings",
        status=204,
    )
    async def remove_settings(self, req: Request, resp: Response, kind: str) -> None:
        """Remove what was saved: everything is as it comes again."""
        await self._service.remove(_caller(req), kind)


def _caller(req: Request) -> Identity:
    identity: Identity = req.context.user
    return identity


def _language(req: Request) -> Language:
    language: Language = req.context.language
    return language
