"""The routes of notifications."""

from __future__ import annotations

import msgspec
from falcon.asgi import Request, Response

from pisovereign.asgi.routes import Example, Routes, route
from pisovereign.connectors.registry import channels
from pisovereign.notifications.trial import NotificationTrial
from pisovereign.notifications.types import Channel, Delivery


class TestMessage(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """In which way somebody wants to be told something now."""

    __test__ = False

    way: Channel


class NotificationRoutes(Routes, tag="Notifications"):
    """Notifications over HTTP; all rules are in the services."""

    def __init__(self, trial: NotificationTrial) -> None:
        self._trial = trial

    @route(
        "POST",
        "/v1/notifications/test",
        operation_id="testNotification",
        summary="Send yourself a test message",
        fields={"way": ", ".join(f"`{channel}`" for channel in channels())},
        example=Example(
            request={"way": "mail"},
            response={
                "channel": "mail",
                "status": "sent",
                "at": "2026-02-07T10:30:00.159707Z",
                "error": None,
            },
        ),
    )
    async def test(self, req: Request, resp: Response, body: TestMessage) -> Delivery:
        """Send a message to yourself, and show within 15 seconds what became of it.

        `status` is `sent`, `failed` or `uncertain`, with the `error` that says why; `waiting` or
        `sending`: it is not known yet. A way that is not set up for you is a 422.
        [notifications.md](notifications.md) says what each way needs.
        """
        language = req.context.language
        return await self._trial.run(req.context.user.user_id, body.way, language)
