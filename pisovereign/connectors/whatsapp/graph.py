"""The client of the Graph API: one phone number, a few calls."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import msgspec

from pisovereign.connectors.messaging import LARGEST_RECORDING
from pisovereign.errors import PayloadTooLarge, Refused, UpstreamError
from pisovereign.net.hosts import Target, parse_url
from pisovereign.outbound.client import OutboundClient
from pisovereign.outbound.reply import Reply

_encoder = msgspec.json.Encoder()
_METAS = (".fbsbx.com", ".fbcdn.net", ".whatsapp.net", ".facebook.com")


class GraphError(msgspec.Struct, frozen=True):
    """A refusal by the Graph API; its text may quote, so it is left out."""

    code: int = 0
    is_transient: bool = False


class _ErrorBody(msgspec.Struct):
    error: GraphError


class _Number(msgspec.Struct):
    display_phone_number: str = ""


class _Media(msgspec.Struct):
    url: str
    file_size: int = 0


class Template(msgspec.Struct, frozen=True):
    """A message that Meta has approved; its text has one place to fill."""

    name: str
    language: str


class GraphClient:
    """Sends and asks with the access token of one business phone number.

    Args:
        client: The way out.
        url: The Graph API with version and the number's id.
        token: The access token.
        timeout_s: The longest time that one call takes, in seconds.
    """

    def __init__(self, client: OutboundClient, url: str, token: str, timeout_s: float) -> None:
        self._client = client
        self._url = url
        self._headers = {"Authorization": f"Bearer {token}"}
        self.timeout_s = timeout_s

    async def send_text(self, to: str, text: str, reference: UUID) -> Reply:
        """Send a text; Meta names `reference` when it tells what became of it.

        Raises:
            HostFailed: as in `OutboundClient.post`.
        """
        content = {"type": "text", "text": {"preview_url": False, "body": text}}
        return await self._send(to, content, reference)

    async def send_template(self, to: str, template: Template, text: str, reference: UUID) -> Reply:
        """Send an approved message with `text` in its place."""
        body = {"type": "body", "parameters": [{"type": "text", "text": text}]}
        content = {
            "type": "template",
            "template": {
                "name": template.name,
                "language": {"code": template.language},
                "components": [body],
            },
        }
        return await self._send(to, content, reference)

    async def mark_read(self, message: str) -> Reply:
        """Show the sender of a message that it was read, and that an answer is being written."""
        return await self._post(
            {"status": "read", "message_id": message, "typing_indicator": {"type": "text"}}
        )

    async def recording(self, media: str) -> bytes:
        """Return a recording that somebody sent.

        Raises:
            PayloadTooLarge: It is larger than one is read.
            UpstreamError: Meta does not give it.
        """
        base = self._url.rpartition("/")[0]
        reply = await self._get(f"{base}/{media}")
        try:
            found = msgspec.json.decode(reply.body, type=_Media)
            target = parse_url(found.url)
        except (msgspec.MsgspecError, Refused):
            raise UpstreamError("WhatsApp answers in another form than the Graph API's") from None
        # The token goes along: only to Meta, and to where the Graph API itself is.
        if target != parse_url(self._url) and not _is_metas(target):
            raise UpstreamError("WhatsApp names a place for a recording that is not Meta's")
        if found.file_size > LARGEST_RECORDING:
            raise PayloadTooLarge("The recording is too large")
        return (await self._get(found.url)).body

    async def _get(self, url: str) -> Reply:
        reply = await self._client.get(url, headers=self._headers, timeout_s=self.timeout_s)
        if reply.status != 200:
            raise UpstreamError(explain(reply))
        return reply

    async def probe(self) -> str:
        """Ask for the number, and say which one it is.

        Raises:
            UpstreamError: token or number do not work, or the API is away.
        """
        reply = await self._client.get(
            self._url,
            params={"fields": "display_phone_number"},
            headers=self._headers,
            timeout_s=self.timeout_s,
        )
        if reply.status != 200:
            raise UpstreamError(explain(reply))
        try:
            number = msgspec.json.decode(reply.body, type=_Number)
        except msgspec.MsgspecError:
            raise UpstreamError("WhatsApp answers in another form than the Graph API's") from None
        return f"writes from {number.display_phone_number or 'its number'}"

    async def _send(self, to: str, content: dict[str, Any], reference: UUID) -> Reply:
        envelope = {"recipient_type": "individual", "to": to}
        return await self._post(envelope | content | {"biz_opaque_callback_data": str(reference)})

    async def _post(self, body: dict[str, Any]) -> Reply:
        return await self._client.post(
            f"{self._url}/messages",
            _encoder.encode({"messaging_product": "whatsapp"} | body),
            headers=self._headers | {"Content-Type": "application/json"},
            timeout_s=self.timeout_s,
        )


def _is_metas(target: Target) -> bool:
    return (target.scheme, target.port) == ("https", 443) and target.host.endswith(_METAS)


def graph_error(reply: Reply) -> GraphError | None:
    """Return the error object of an answer, if it is one of the Graph API's own."""
    try:
        return msgspec.json.decode(reply.body, type=_ErrorBody).error
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None


def explain(reply: Reply) -> str:
    """Return what is wrong, and what to do about it."""
    error = graph_error(reply)
    code = error.code if error else None
    if code == 190 or reply.status == 401:
        return "WhatsApp refuses the access token: set whatsapp.access_token to a valid one"
    if code in (3, 10) or (code is not None and 200 <= code <= 299):
        return "WhatsApp's access token lacks the permission whatsapp_business_messaging"
    if code in (33, 100) and reply.status in (400, 404):
        return "WhatsApp does not accept the request: is whatsapp.phone_number_id right?"
    named = f" (code {code})" if code else ""
    return f"WhatsApp answers with status {reply.status}{named}"
