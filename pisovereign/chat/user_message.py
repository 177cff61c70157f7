"""A user's message with how it came, made once where it comes in, and the turn it begins."""

from __future__ import annotations

from uuid import UUID, uuid4

import msgspec

from pisovereign.api_keys import Identity
from pisovereign.chat.types import ChatRequest
from pisovereign.languages import Language


class UserMessage(msgspec.Struct, frozen=True, kw_only=True):
    """A message of somebody's.

    Attributes:
        identity: Whose it is.
        request: What was said, and how it is to be answered.
        language: What it is answered in where the words do not tell.
        id: Under which it is stored: given by whoever has to find it again.
        asks_only: Nothing that changes something happens without an approval.
        heard: It was spoken and written down by a model, which may have misheard: in this turn
            alone nothing changes without an approval, and nothing is learned.
        replaces: The turn whose place it takes; None: it follows all others.
    """

    identity: Identity
    request: ChatRequest
    language: Language = "en"
    id: UUID = msgspec.field(default_factory=uuid4)
    asks_only: bool = False
    heard: bool = False
    replaces: int | None = None

    @property
    def user(self) -> UUID:
        """Return whose it is."""
        return self.identity.user_id

    @property
    def text(self) -> str:
        """Return what was said."""
        return self.request.message

    def with_text(self, text: str) -> UserMessage:
        """Return the message with a part of its words."""
        request = msgspec.structs.replace(self.request, message=text)
        return msgspec.structs.replace(self, request=request)

    @property
    def learns(self) -> bool | None:
        """Return whether it is to be learned from; None: as everything is."""
        return False if self.heard else self.request.learn


class OpenTurn(msgspec.Struct, frozen=True, kw_only=True):
    """A turn whose answer is still to come.

    Attributes:
        said: The message that began it.
        language: What it is answered in.
        conversation: Where it is.
    """

    said: UserMessage
    language: Language
    conversation: str

    @property
    def identity(self) -> Identity:
        """Return who began it."""
        return self.said.identity

    @property
    def user(self) -> UUID:
        """Return whose turn it is."""
        return self.said.user

    @property
    def message(self) -> UUID:
        """Return the id of the message that began it."""
        return self.said.id

    @property
    def text(self) -> str:
        """Return the user's own words."""
        return self.said.text

    @property
    def replaces(self) -> int | None:
        """Return the turn whose place it takes; None: it follows all others."""
        return self.said.replaces
