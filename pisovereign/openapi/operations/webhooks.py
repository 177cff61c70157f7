"""What other services call."""

from __future__ import annotations

from pisovereign.openapi.answers import Alive
from pisovereign.openapi.operation import Answer, Operation

TAG = "Webhooks"
OPERATIONS = (
    Operation(
        method="get",
        path="/v1/webhooks/whatsapp",
        id="verifyWebhook",
        tag=TAG,
        summary="Verification by Meta",
        description="Returns `hub.challenge` if `hub.verify_token` is the configured one.",
        answer=Answer(media="text/plain"),
        errors=(403, 429),
        public=True,
    ),
    Operation(
        method="post",
        path="/v1/webhooks/whatsapp",
        id="receiveWebhook",
        tag=TAG,
        summary="Messages from WhatsApp",
        description="Signed by Meta in `X-Hub-Signature-256`.",
        answer=Answer(type=Alive),
        errors=(400, 401, 413, 415, 429, 503),
        public=True,
    ),
)
