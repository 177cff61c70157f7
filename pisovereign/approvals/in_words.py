"""Approvals in the language that a request asks for."""

from __future__ import annotations

import msgspec
from falcon.asgi import Request

from pisovereign.approvals.types import Approval
from pisovereign.approvals.wording import lines_of
from pisovereign.languages.messages import load_messages


def in_words(req: Request, approval: Approval) -> Approval:
    """Return the approval with its lines, in the language that the request asks for."""
    language = req.context.language
    lines = lines_of(approval, load_messages(language, "approvals"))
    return msgspec.structs.replace(approval, lines=lines)
