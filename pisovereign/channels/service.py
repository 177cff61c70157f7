"""All messengers, put together: whose address is whose, what is sent, taken in and answered."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import NamedTuple
from uuid import UUID, uuid4

from pisovereign.accounts.grants import Grants
from pisovereign.accounts.profiles import ProfileStore, ReadLanguages
from pisovereign.approvals.reading import ApprovalReader
from pisovereign.approvals.service import ApprovalService
from pisovereign.audit.service import AuditLog
from pisovereign.channels import answerer, button_presses, chat_answers
from pisovereign.channels.answerer import Answerer
from pisovereign.channels.approval_codes import ApprovalCodes
from pisovereign.channels.approval_messages import ApprovalButtons, ApprovalMessages
from pisovereign.channels.button_presses import ButtonPresses
from pisovereign.channels.chat_answers import ChatAnswers
from pisovereign.channels.directory import Directory, ListedPeople, ServedUsers
from pisovereign.channels.inbox import Inbox, Window
from pisovereign.channels.link_service import LinkService
from pisovereign.channels.links import LinkStore
from pisovereign.channels.outgoing import MessengerChannel
from pisovereign.channels.poller import Poller
from pisovereign.channels.position_store import PositionStore
from pisovereign.channels.receiver import Receiver
from pisovereign.chat.service import ChatService
from pisovereign.connectors.messaging import Hooked, Linking, Listing, Messenger, Polled, Pressed
from pisovereign.connectors.sending import SendingChannel
from pisovereign.errors import ServiceUnavailable
from pisovereign.notifications.service import NotificationService
from pisovereign.speech.service import SpeechService
from pisovereign.storage.pool import Database
from pisovereign.storage.sealing import Sealer

ACKNOWLEDGE_S = 0.8  # whoever calls a webhook is to have its answer within a second


class Foundation(NamedTuple):
    """The parts of the program that messengers are built on.

    Attributes:
        database: Where messages and accounts are.
        sealer: Seals them.
        key: The master key.
        grants: What people may do.
        reader: Reads approvals.
        audit: Where it is told that an account was linked or forgotten.
        users: Everybody.
        profiles: The languages that people chose.
    """

    database: Database
    sealer: Sealer
    key: bytes
    grants: Grants
    reader: ApprovalReader
    audit: AuditLog
    users: Sequence[UUID]
    profiles: ProfileStore


class Assistant(NamedTuple):
    """The parts of the assistant: those that answer, and those that are told."""

    chat: ChatService
    approvals: ApprovalService
    notifications: NotificationService
    speech: SpeechService


class _Part:
    """One messenger, as far as it needs nothing that answers."""

    def __init__(self, messenger: Messenger, base: Foundation) -> None:
        self.messenger = messenger
        self.directory = _directory(messenger, base)
        self.inbox = Inbox(messenger, base.sealer, base.key)
        self.buttons = ApprovalButtons(base.key)
        self.language = ReadLanguages(base.profiles, messenger.language).of
        asks = ApprovalMessages(
            reader=base.reader,
            directory=self.directory,
            buttons=self.buttons,
            language=self.language,
            shows=messenger.shows_approvals,
        )
        window = Window(base.database, self.inbox, messenger.traits.window_s)
        self.sending = MessengerChannel(
            messenger, self.directory, window, asks if isinstance(messenger, Pressed) else None
        )


class Channels:
    """All messengers, as ways of sending and as accounts that people have there."""

    def __init__(self, messengers: Sequence[Messenger], base: Foundation) -> None:
        self._base = base
        self._parts = [_Part(messenger, base) for messenger in messengers]

    def sending(self) -> list[SendingChannel]:
        """Return the ways of sending."""
        return [part.sending for part in self._parts]

    def accounts(self) -> dict[str, LinkService]:
        """Return the accounts that people linked themselves, by the messenger's name."""
        return {
            part.messenger.name: part.directory
            for part in self._parts
            if isinstance(part.directory, LinkService)
        }

    def working(self, assistant: Assistant) -> ChannelWork:
        """Return what takes in and answers in the background."""
        return ChannelWork(
            {part.messenger.name: self._work(part, assistant) for part in self._parts}
        )

    def _work(self, part: _Part, assistant: Assistant) -> _Work:
        base, messenger = self._base, part.messenger
        workers = self._workers(part, assistant)

        def wake() -> None:
            for worker in workers:
                worker.wake()

        receiver = Receiver(
            messenger,
            database=base.database,
            directory=part.directory,
            inbox=part.inbox,
            audit=base.audit,
            wake=wake,
        )
        poller = None
        if isinstance(messenger, Polled):
            poller = Poller(
                messenger,
                database=base.database,
                positions=PositionStore(uuid4()),
                receiver=receiver,
                key=base.key,
            )
        webhook = None
        if isinstance(messenger, Hooked):
            webhook = Webhook(messenger, receiver, base.database)
        return _Work(workers, wake, poller, webhook)

    def _workers(self, part: _Part, assistant: Assistant) -> list[Answerer | ButtonPresses]:
        base, messenger = self._base, part.messenger
        served = ServedUsers(messenger, part.directory)
        codes = ApprovalCodes(assistant.approvals, part.directory, messenger.title, base.key)
        answers = ChatAnswers(
            chat_answers.ChatAnswerDependencies(
                chat=assistant.chat,
                approvals=assistant.approvals,
                codes=None if isinstance(messenger, Pressed) else codes,
                messenger=messenger,
                inbox=part.inbox,
                database=base.database,
                speech=assistant.speech,
                language=part.language,
            )
        )
        uses = answerer.AnswererDependencies(
            answers, messenger, part.directory, base.database, assistant.notifications
        )
        workers: list[Answerer | ButtonPresses] = [Answerer(uses, part.inbox, served)]
        if isinstance(messenger, Pressed):
            deciding = button_presses.PressDependencies(
                messenger=messenger,
                approvals=assistant.approvals,
                buttons=part.buttons,
                directory=part.directory,
                database=base.database,
                language=part.language,
            )
            workers.append(ButtonPresses(deciding, part.inbox, served))
        return workers


class Webhook:
    """Takes in what a service calls with: stored before it is acknowledged."""

    def __init__(self, messenger: Hooked, receiver: Receiver, database: Database) -> None:
        self._messenger = messenger
        self._receiver = receiver
        self._database = database
        self.is_verified = messenger.is_verified

    async def receive(self, body: bytes, signature: str | None) -> None:
        """Take in the body of a webhook; what it holds is stored when this returns.

        Raises:
            Unauthorized: The service did not sign it.
            BadRequest: It is not in the service's form.
            ServiceUnavailable: It cannot be stored now; the service sends it again later.
        """
        messages = self._messenger.received(body, signature)
        if not messages:
            return
        try:
            async with asyncio.timeout(ACKNOWLEDGE_S), self._database.system() as connection:
                await self._receiver.take_in(connection, messages)
        except TimeoutError:
            raise ServiceUnavailable("The message could not be stored in time") from None


class _Work(NamedTuple):
    workers: Sequence[Answerer | ButtonPresses]
    wake: Callable[[], None]
    poller: Poller | None
    webhook: Webhook | None


class ChannelWork:
    """The work that goes on beside the requests: taking in, answering and deciding.

    Attributes:
        webhooks: What takes in calls, by the messenger's name.
    """

    def __init__(self, works: dict[str, _Work]) -> None:
        self._works = works
        self.webhooks = {name: work.webhook for name, work in works.items() if work.webhook}

    def start(self) -> None:
        """Begin, on the running loop."""
        for work in self._works.values():
            for part in (*work.workers, work.poller):
                if part is not None:
                    part.start()

    async def stop(self) -> None:
        """End: first nothing more is taken in."""
        works = self._works.values()
        await asyncio.gather(*(work.poller.stop() for work in works if work.poller is not None))
        await asyncio.gather(*(part.stop() for work in works for part in reversed(work.workers)))

    async def changed(self, kind: str, owner: UUID) -> None:
        """Go on with a connection as it is now."""
        if work := self._works.get(kind):
            work.wake()
            if work.poller is not None:
                work.poller.change()


def _directory(messenger: Messenger, base: Foundation) -> Directory:
    if isinstance(messenger, Listing):
        return ListedPeople(messenger)
    assert isinstance(messenger, Linking)
    return LinkService(
        messenger,
        database=base.database,
        store=LinkStore(messenger.name, base.sealer, base.key, base.grants),
        audit=base.audit,
        users=base.users,
    )
