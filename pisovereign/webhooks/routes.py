"""The webhook's routes: public, since each request proves itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from falcon.asgi import Request, Response

from pisovereign.asgi.body import BodyReader
from pisovereign.asgi.routes import Example, Routes, route
from pisovereign.errors import Forbidden
from pisovereign.system.types import Alive

_LONGEST_CHALLENGE = 256


class Webhook(Protocol):
    """A receiver of messages, which knows how they prove themselves."""

    def is_verified(self, token: str) -> bool:
        """Return whether a token is the one that Meta was given."""
        ...

    async def receive(self, body: bytes, signature: str | None) -> None:
        """Take in the body of a webhook; what it holds is stored when this returns.

        Raises:
            Unauthorized: Meta did not sign it.
            BadRequest: It is not in Meta's form.
            ServiceUnavailable: It cannot be stored now; Meta sends it again later.
        """
        ...


class WebhookRoutes(Routes, tag="Webhooks"):
    """WhatsApp's webhook over HTTP; without WhatsApp, everything is refused.

    Args:
        webhooks: What takes messages in, by the name of the messenger.
        bodies: Reads bodies.
    """

    def __init__(self, webhooks: Mapping[str, Webhook], bodies: BodyReader) -> None:
        self._webhook = webhooks["whatsapp"]
        self._bodies = bodies

    @route(
        "GET",
        "/v1/webhooks/whatsapp",
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
        if req.get_param("hub.mode") != "subscribe" or not self._webhook.is_verified(token):
            raise Forbidden("The verify token is not the one of whatsapp.verify_token")
        if not challenge.isalnum() or len(challenge) > _LONGEST_CHALLENGE:
            raise Forbidden("The challenge is not one of Meta's")
        resp.content_type = "text/plain; charset=utf-8"
        resp.text = challenge

    @route(
        "POST",
        "/v1/webhooks/whatsapp",
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
        await self._webhook.receive(body, req.get_header("X-Hub-Signature-256"))
        return Alive("ok")
