"""The webhook's route: public, because Meta has no key; each request proves itself."""

from __future__ import annotations

import hmac

import falcon.asgi

from pisovereign.asgi.body import BodyReader
from pisovereign.asgi.media import respond
from pisovereign.errors import Forbidden, Unauthorized
from pisovereign.webhooks.whatsapp.receiver import Receiver
from pisovereign.webhooks.whatsapp.signature import is_signed

_LONGEST_CHALLENGE = 256


class WhatsAppWebhookResource:
    """`GET` and `POST /v1/webhooks/whatsapp`."""

    def __init__(
        self, receiver: Receiver | None, bodies: BodyReader, *, app_secret: str, verify_token: str
    ) -> None:
        self._receiver = receiver
        self._bodies = bodies
        self._app_secret = app_secret
        self._verify_token = verify_token

    async def on_get(self, req: falcon.asgi.Request, resp: falcon.asgi.Response) -> None:
        """Confirm that this address is ours, when Meta is told of it."""
        token = req.get_param("hub.verify_token") or ""
        challenge = req.get_param("hub.challenge") or ""
        if (
            not self._verify_token
            or not hmac.compare_digest(token.encode(), self._verify_token.encode())
            or req.get_param("hub.mode") != "subscribe"
        ):
            raise Forbidden("The verify token is not the one of whatsapp.verify_token")
        if not challenge.isalnum() or len(challenge) > _LONGEST_CHALLENGE:
            raise Forbidden("The challenge is not one of Meta's")
        resp.content_type = "text/plain; charset=utf-8"
        resp.text = challenge

    async def on_post(self, req: falcon.asgi.Request, resp: falcon.asgi.Response) -> None:
        """Take in messages."""
        body = await self._bodies.read_bytes(req)
        signature = req.get_header("X-Hub-Signature-256")
        if self._receiver is None or not is_signed(body, signature, self._app_secret):
            raise Unauthorized("The signature of the webhook is missing or wrong")
        await self._receiver.receive(body)
        respond(resp, {"status": "ok"})
