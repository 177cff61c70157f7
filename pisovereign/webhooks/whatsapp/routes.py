"""The webhook's routes: public, since each request proves itself."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from typing import NamedTuple

from falcon.asgi import Request, Response

from pisovereign.asgi.body import BodyReader
from pisovereign.asgi.routes import Example, Routes, route
from pisovereign.errors import Forbidden, Unauthorized
from pisovereign.system.types import Alive
from pisovereign.webhooks.whatsapp.receiver import Receiver

_LONGEST_CHALLENGE = 256
_SCHEME = "sha256="


class Webhook(NamedTuple):
    """What takes messages in, and the secrets with which they prove themselves."""

    receiver: Receiver
    app_secret: str
    verify_token: str


class WhatsAppRoutes(Routes, tag="Webhooks"):
    """WhatsApp's webhook over HTTP; without WhatsApp, everything is refused.

    Args:
        webhook: Returns what takes messages in now; None: nothing.
        bodies: Reads bodies.
    """

    def __init__(self, webhook: Callable[[], Webhook | None], bodies: BodyReader) -> None:
        self._webhook = webhook
        self._bodies = bodies

    @route(
        "GET",
        "/v1/webhooks/whatsapp",
        operation_id="verifyWebhook",
        summary="Verification by Meta",
        public=True,
        media_type="text/plain",
        errors=(403,),
        example=Example(response=("challenge123\n")),
    )
    async def verify_webhook(self, req: Request, resp: Response) -> None:
        """Confirm to Meta that this address is yours.

        The answer is `hub.challenge` if `hub.verify_token` is `whatsapp.verify_token`, else 403.
        """
        token = req.get_param("hub.verify_token") or ""
        challenge = req.get_param("hub.challenge") or ""
        webhook = self._webhook()
        expected = webhook.verify_token if webhook else ""
        if (
            not expected
            or not hmac.compare_digest(token.encode(), expected.encode())
            or req.get_param("hub.mode") != "subscribe"
        ):
            raise Forbidden("The verify token is not the one of whatsapp.verify_token")
        if not challenge.isalnum() or len(challenge) > _LONGEST_CHALLENGE:
            raise Forbidden("The challenge is not one of Meta's")
        resp.content_type = "text/plain; charset=utf-8"
        resp.text = challenge

    @route(
        "POST",
        "/v1/webhooks/whatsapp",
        operation_id="receiveWebhook",
        summary="Messages from WhatsApp",
        public=True,
        errors=(400, 401, 413, 415, 503),
        example=Example(
            request={
                "object": "whatsapp_business_account",
                "entry": [
                    {
                        "changes": [
                            {
                                "value": {
                                    "messages": [
                                        {
                                            "from": "+1234567890",
                                            "type": "text",
                                            "text": {"body": "Hello"},
                                        }
                                    ]
                                }
                            }
                        ]
                    }
                ],
            },
            response={"status": "ok"},
        ),
    )
    async def receive_webhook(self, req: Request, resp: Response) -> Alive:
        """Take in what people write on WhatsApp, as Meta sends it.

        A request proves itself with `X-Hub-Signature-256`, the HMAC-SHA256 of the body under
        `whatsapp.app_secret`, which is compared before anything is read; 401 if it is missing or
        wrong.

        Messages are stored before the answer comes, and answered afterwards:
        [integrations.md](integrations.md#whatsapp). If they cannot be stored at once it is a 503,
        and Meta sends them again. `/v1/webhooks` counts against the rate limit of its address like
        every route.
        """
        body = await self._bodies.read_bytes(req)
        signature = req.get_header("X-Hub-Signature-256")
        webhook = self._webhook()
        if webhook is None or not is_signed(body, signature, webhook.app_secret):
            raise Unauthorized("The signature of the webhook is missing or wrong")
        await webhook.receiver.receive(body)
        return Alive("ok")


def is_signed(body: bytes, header: str | None, secret: str) -> bool:
    """Return whether Meta signed exactly these bytes, compared in constant time."""
    if not secret or not header or not header.startswith(_SCHEME):
        return False
    expected = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    given = header.removeprefix(_SCHEME).encode("ascii", "replace")
    return hmac.compare_digest(given, expected.encode())
