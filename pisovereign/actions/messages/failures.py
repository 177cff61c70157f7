"""Why an action has no result, in words."""

from __future__ import annotations

from pisovereign.actions.messages.language import Messages
from pisovereign.actions.messages.text import quote
from pisovereign.actions.spec import ActionSpec
from pisovereign.errors import NotConfigured, PiSovereignError, ValidationFailed


def failure(spec: ActionSpec, error: PiSovereignError, messages: Messages) -> str:
    """Return one sentence that says honestly why there is no result."""
    source = messages.say(f"source.{spec.sources[0]}" if spec.sources else "source")
    match error:
        case NotConfigured():
            return messages.say("failure.not_configured", source=source, setting=error.setting)
        case ValidationFailed():
            reason = "; ".join(f"{field['field']} {field['error']}" for field in error.fields)
            return messages.say("failure.refused", reason=quote(reason))
        case _:
            return messages.say("failure.failed", source=source, reason=quote(error.message))
