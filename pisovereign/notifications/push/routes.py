"""The routes of Web Push: where a user wants to be told."""

from __future__ import annotations

from typing import Any

from falcon.asgi import Request, Response

from pisovereign.asgi.routes import Example, Routes, parse_id, route
from pisovereign.notifications.push.service import PushService
from pisovereign.notifications.push.types import HeldWith, NewSubscription, PushKey, Subscription

_SUBSCRIPTION: dict[str, Any] = {
    "id": "6f0d7a52-7b0c-5a0e-9f0e-2a6b8f3d1c44",
    "service": "push.example.com",
    "created_at": "2026-02-07T10:30:00.159707Z",
    "sent_at": None,
}
_NEW: dict[str, Any] = {
    "endpoint": "https://push.example.com/send/Zm9vYmFy",
    "keys": {
        "p256dh": "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-"
        "AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
        "auth": "BTBZMqHH6r4Tts7J_aSIgg",
    },
    "language": "en",
}


class PushRoutes(Routes, tag="Push"):
    """Subscriptions over HTTP; all rules are in the service."""

    def __init__(self, service: PushService) -> None:
        self._service = service

    @route(
        "GET",
        "/v1/push/key",
        operation_id="pushKey",
        summary="Show the key that browsers subscribe with",
        example=Example(response={"key": "BP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIg"}),
    )
    async def key(self, req: Request, resp: Response) -> PushKey:
        """Show the `applicationServerKey` of this installation.

        Browsers subscribe only on a page that came by [TLS](tls.md), or from the device itself.
        """
        return PushKey(await self._service.public_key())

    @route(
        "GET",
        "/v1/push/subscriptions",
        operation_id="listPushSubscriptions",
        summary="Show where you are told",
        example=Example(response=[_SUBSCRIPTION]),
    )
    async def list_subscriptions(self, req: Request, resp: Response) -> list[Subscription]:
        """Show the browsers that are told of reminders and approvals, the oldest first."""
        return await self._service.list(req.context.user.user_id)

    @route(
        "POST",
        "/v1/push/subscriptions",
        operation_id="addPushSubscription",
        summary="Be told in a browser",
        status=201,
        errors=(409,),
        fields={
            "endpoint": "The https address at which the push service reaches the browser",
            "keys": "The browser's `p256dh` and `auth`, in base64url",
            "language": "The language of notices: one of [those that there are](languages.md)",
        },
        example=Example(request=_NEW, response=_SUBSCRIPTION),
    )
    async def add(self, req: Request, resp: Response, body: NewSubscription) -> Subscription:
        """Tell a browser from now on of what is due and of what waits for an approval.

        `endpoint` and `keys` are what the browser's `PushSubscription.toJSON()` gives. The same
        browser twice is one. Messages are encrypted for this browser alone, and leave the device
        to nowhere but that push service. Where the browser has unsubscribed it is forgotten,
        and also when the session or the program's key that asks here ends.
        """
        caller = req.context.caller
        held = HeldWith(caller.session, caller.api_key)
        return await self._service.subscribe(caller.identity.user_id, body, held)

    @route(
        "DELETE",
        "/v1/push/subscriptions/{id}",
        operation_id="removePushSubscription",
        summary="Be told in a browser no longer",
        status=204,
        errors=(404,),
    )
    async def remove(self, req: Request, resp: Response, name: str) -> None:
        """Forget a browser."""
        await self._service.remove(req.context.user.user_id, parse_id(name, "subscription"))
