"""What an answer says in place of a claim that is not true."""

from __future__ import annotations

from uuid import UUID

from pisovereign.languages import Language
from pisovereign.languages.detection import detect_language
from pisovereign.languages.messages import load_messages
from pisovereign.parsing.service import ParseService


class Corrections:
    """Finds out what is true instead.

    Args:
        parsing: Says what the user's message asked for, as far as it can be read.
    """

    def __init__(self, parsing: ParseService) -> None:
        self._parsing = parsing

    async def instead(self, user: UUID, message: str, default: Language, shown: str) -> str:
        """Return what follows `shown` in place of a claim, with a blank line between.

        Args:
            user: Who wrote the message.
            message: What the model answered to.
            default: The language, if the message does not tell.
            shown: What was shown of the answer already.
        """
        language = detect_language(message, default)
        parsed = await self._parsing.parse_by_rules(user, message)
        if parsed.unsupported is not None:
            text = cannot(parsed.unsupported, language)
        else:
            key = "nothing_done" if shown.strip() else "not_understood"
            text = load_messages(language, "chat").say(key)
        if not shown.strip():
            return text
        return text if shown.endswith("\n\n") else f"\n\n{text}"


def cannot(what: str, language: Language) -> str:
    """Return why something that was asked for cannot be done, and what would be needed."""
    messages = load_messages(language, "unsupported")
    return messages.say(what if what in messages.texts else "other")
