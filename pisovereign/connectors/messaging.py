"""The contract of a messenger: a service by which people write to the assistant.

It brings what they wrote, and sends. Everything else is the same for all of them, and is done by
`channels`: messages are stored, answered once and in their order, and approvals are decided.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from contextlib import AbstractContextManager
from typing import Literal, NamedTuple, Protocol, runtime_checkable

import msgspec

from pisovereign.connectors.people import People
from pisovereign.connectors.sending import Outgoing
from pisovereign.errors import UpstreamError
from pisovereign.languages import Language

Kind = Literal["text", "voice", "forwarded", "other", "linked"]
LONGEST_TEXT = 10_000
_BUSY = 429
_MISTAKEN_S = 30.0
LARGEST_RECORDING = 3 * 1024 * 1024
"""Bytes: a quarter of an hour as phones send it, and less than an answer may have."""


class Incoming(msgspec.Struct, frozen=True, kw_only=True):
    """A message, as its service brought it.

    Attributes:
        id: What names it there; a message is stored once.
        address: Of whoever wrote it, and where its answer goes.
        kind: What it is; a message of the kind `linked` asks to be linked, with `text` as the code.
        text: What somebody wrote; empty where somebody else did, or nobody.
        sent_at: When, by the clock of the service, and never later than now.
        recording: What names the recording of a voice message there.
        size: How many bytes it has, as far as the service says; 0: it does not.
        name: What the sender is called there.
    """

    id: str
    address: str
    kind: Kind
    text: str
    sent_at: dt.datetime
    recording: str = ""
    size: int = 0
    name: str = ""


class Press(msgspec.Struct, frozen=True, kw_only=True):
    """A press on a button.

    Attributes:
        id: What names it; the service waits to hear that it was seen.
        address: Of whoever pressed.
        message: The message that the button is below.
        data: What the button carries.
    """

    id: str
    address: str
    message: str
    data: str


class Button(msgspec.Struct, frozen=True):
    """A button below a message; `data` has 64 bytes at most."""

    text: str
    data: str


class Shown(NamedTuple):
    """A message as it is shown, and the buttons below it."""

    text: str
    buttons: Sequence[Button] = ()


class Batch(NamedTuple):
    """The events since a position, and the position after them."""

    events: Sequence[Incoming | Press]
    position: str | None


class Later(Exception):
    """Nothing can be had from a service for some seconds, which it has said, or is known.

    Args:
        seconds: How long.
        mistake: What only a person can do something about; empty: nothing is wrong.
    """

    def __init__(self, seconds: float, mistake: str = "") -> None:
        super().__init__(mistake)
        self.seconds = seconds
        self.mistake = mistake


class MessengerFailed(UpstreamError):
    """A service that did not do it.

    Args:
        message: What is wrong, and what to do.
        answered: The status of its answer.
        own: Whether the service says so itself, so that certainly nothing was done.
        retry_after_s: How long it wants to be left alone; 0: it does not say.
    """

    def __init__(
        self, message: str, answered: int, *, own: bool = True, retry_after_s: float = 0.0
    ) -> None:
        super().__init__(message)
        self.answered = answered
        self.own = own
        self.retry_after_s = retry_after_s

    def later(self, mistakes: Collection[int]) -> Later | MessengerFailed:
        """Return when to ask again, if the service says so, or a person has to do something first.

        Args:
            mistakes: Statuses that only a person can do something about.
        """
        if self.answered == _BUSY:
            return Later(max(1.0, self.retry_after_s))
        if self.answered in mistakes:
            return Later(_MISTAKEN_S, self.message)
        return self


class Traits(NamedTuple):
    """The abilities of a service.

    Attributes:
        hashed_as: Tells keyed hashes of its messages and addresses apart from those of others.
        typing_s: How soon it has to be shown again that an answer is being written; None: never.
        window_s: How long after a message somebody may be answered; None: always.
    """

    hashed_as: bytes
    typing_s: float | None = None
    window_s: float | None = None


@runtime_checkable
class Messenger(Protocol):
    """A service that people write to the assistant by, as it is connected now.

    Attributes:
        name: As settings, conversations and queues name it.
        title: As people call it.
        setting: What to set to have it.
        traits: What it can do.
        limit_s: The longest time that one `deliver` takes, in seconds.
    """

    name: str
    title: str
    setting: str
    traits: Traits
    limit_s: float

    def is_set_up(self) -> bool:
        """Return whether it is connected."""
        ...

    def language(self) -> Language:
        """Return what is spoken with those who chose no language."""
        ...

    def shows_approvals(self) -> bool:
        """Return whether it may show what waits for an approval."""
        ...

    async def deliver(
        self, address: str, message: Outgoing, shown: Shown, *, in_window: bool
    ) -> None:
        """Send a message; it was sent when this returns.

        Args:
            address: Whose it is.
            message: What it is about.
            shown: What it shows.
            in_window: Whether whoever gets it wrote within `traits.window_s`.

        Raises:
            NotSent: It certainly was not.
            MaybeSent: Nobody knows.
        """
        ...

    async def show_read(self, message: str) -> None:
        """Show the sender of a message that it was read; nothing where that cannot be shown.

        Raises:
            PiSovereignError: That cannot be done now.
        """
        ...

    async def show_typing(self, address: str) -> None:
        """Show somebody that an answer is being written; as `show_read`."""
        ...

    async def recording(self, name: str) -> bytes:
        """Return the recording of a voice message.

        Raises:
            PayloadTooLarge: It has more bytes than `LARGEST_RECORDING`.
            UpstreamError: It cannot be had.
        """
        ...


@runtime_checkable
class Pressed(Messenger, Protocol):
    """A messenger with buttons: what waits is decided with them, elsewhere with codes."""

    async def answer_press(self, press: str, note: str) -> None:
        """Show a short note to whoever pressed.

        Raises:
            PiSovereignError: That cannot be done now.
        """
        ...

    async def edit(self, address: str, message: str, text: str) -> None:
        """Show another text in the place of a message, without buttons; as `answer_press`."""
        ...


class Source(Protocol):
    """An account that is asked for what happened.

    Attributes:
        stale_s: How old a position may become, in seconds, and still be asked with; None: any age.
    """

    stale_s: float | None

    async def account(self) -> str:
        """Return what names it, now and after a restart.

        Raises:
            Later: That cannot be asked for a time.
            UpstreamError: The service is away.
        """
        ...

    async def receive(self, position: str | None) -> Batch:
        """Wait for what happens, for a while.

        Args:
            position: After what; None: after whatever the service thinks best.

        Raises:
            Later: There is nothing to be had for a time.
            UpstreamError: The service is away.
        """
        ...


@runtime_checkable
class Polled(Messenger, Protocol):
    """A messenger that is asked for messages."""

    def source(self) -> AbstractContextManager[Source | None]:
        """Hold the account that is connected; None: none is."""
        ...


@runtime_checkable
class Hooked(Messenger, Protocol):
    """A messenger whose service calls when there is a message."""

    def is_verified(self, token: str) -> bool:
        """Return whether a token is the one that was given to the service."""
        ...

    def received(self, body: bytes, signature: str | None) -> list[Incoming]:
        """Return the messages of a call, the oldest first.

        Raises:
            Unauthorized: The service did not sign it.
            BadRequest: It is not in the service's form.
        """
        ...


@runtime_checkable
class Listing(Messenger, Protocol):
    """A messenger whose settings say who may write."""

    def people(self) -> People:
        """Return who may."""
        ...


@runtime_checkable
class Linking(Messenger, Protocol):
    """A messenger where everybody links an account of their own, with a code."""

    async def link_of(self, code: str) -> tuple[str, str]:
        """Return what the assistant is called there, and the address that sends a code to it.

        Raises:
            NotConfigured: It is not connected.
            UpstreamError: It cannot be asked.
        """
        ...
