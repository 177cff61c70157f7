"""How a message gets through to WhatsApp, and what its failure means."""

from __future__ import annotations

from pisovereign.connectors.sending import MaybeSent, NotSent, Outgoing
from pisovereign.connectors.splitting import size, split
from pisovereign.connectors.whatsapp.graph import GraphClient, Template, explain, graph_error
from pisovereign.errors import AnswerRefused, HostPaused, HostUnreached, Refused
from pisovereign.outbound.reply import Reply

# Codes with which Meta asks for another try, and those that its owner can repair meanwhile.
_BUSY = frozenset((1, 2, 4, 80007, 130429, 131000, 131016, 131056, 133004))
_REPAIRABLE = frozenset((3, 10, 190))
_CLOSED = 131047  # more than 24 hours since the person wrote
_REPAIR_S = 300.0
LONGEST_PARAMETER = 1000  # characters that are put into a template

NO_WINDOW = (
    "WhatsApp allows free text only within 24 hours after your last message to it: write to it "
    "again, or set whatsapp.template"
)


async def send(
    client: GraphClient,
    template: Template | None,
    phone: str,
    message: Outgoing,
    text: str,
    *,
    in_window: bool,
) -> None:
    """Send a text: as it is to who wrote lately, else within the template.

    Raises:
        NotSent: It certainly was not.
        MaybeSent: Nobody knows.
    """
    if not in_window and (template is None or message.about == "answer"):
        raise NotSent(NO_WINDOW, again_s=None)
    try:
        if in_window or template is None:
            reply = await client.send_text(phone, text, message.id)
        else:
            reply = await client.send_template(phone, template, _in_a_line(text), message.id)
    except AnswerRefused as error:
        raise MaybeSent(error.message) from None
    except HostPaused as error:
        raise NotSent(error.message, again_s=error.retry_after) from None
    except (HostUnreached, Refused) as error:
        raise NotSent(error.message, again_s=0.0) from None
    if reply.status >= 300:
        raise _failure(reply)


def _in_a_line(text: str) -> str:
    line = " ".join(text.split())
    if size(line) <= LONGEST_PARAMETER:
        return line
    return split(line, LONGEST_PARAMETER - 2)[0] + " …"


def _failure(reply: Reply) -> NotSent | MaybeSent:
    """Only the Graph API's own error says that a message was not taken."""
    error = graph_error(reply)
    if error is None and reply.status >= 500:
        return MaybeSent(explain(reply))
    code = error.code if error else 0
    if code == _CLOSED:
        return NotSent(NO_WINDOW, again_s=None)
    if code in _REPAIRABLE or 200 <= code <= 299 or reply.status == 401:
        return NotSent(explain(reply), again_s=_REPAIR_S)
    if code in _BUSY or reply.status == 429 or (error and error.is_transient):
        return NotSent(explain(reply), again_s=0.0)
    return NotSent(explain(reply), again_s=None)
