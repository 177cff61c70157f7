"""Telegram accounts, and what is taken in from them, put together."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID, uuid4

from pisovereign.accounts.grants import Grants
from pisovereign.accounts.profiles import ProfileStore
from pisovereign.approvals.reading import ApprovalReader
from pisovereign.approvals.sealed import ApprovalSealer
from pisovereign.approvals.service import ApprovalService
from pisovereign.assembly.infrastructure import Infrastructure
from pisovereign.assembly.live_telegram import (
    ServedUsers,
    TelegramWork,
    language_of,
)
from pisovereign.audit.service import AuditLog
from pisovereign.chat.service import ChatService
from pisovereign.connectors.telegram.live import LiveTelegram
from pisovereign.errors import PayloadTooLarge, UnsupportedMediaType
from pisovereign.languages import Language
from pisovereign.notifications.service import NotificationService
from pisovereign.speech.service import SpeechService
from pisovereign.telegram import answerer, chat_answers, presses
from pisovereign.telegram.approval_messages import ApprovalButtons, ApprovalMessages
from pisovereign.telegram.bot_store import BotStore
from pisovereign.telegram.inbox import Inbox
from pisovereign.telegram.link_service import LinkService
from pisovereign.telegram.links import LinkStore
from pisovereign.telegram.poller import Poller
from pisovereign.telegram.receiver import Receiver


class TelegramAccounts:
    """Whose account is whose, and what it is shown.

    Args:
        base: What it stands on.
        live: The bot.

    Attributes:
        store: The SQL of accounts.
        links: Accounts, as their owners see them.
        asks: Shows approvals there.
        language: Returns a user's language.
    """

    def __init__(self, base: Infrastructure, live: LiveTelegram) -> None:
        key = base.runtime.master_key
        profiles = ProfileStore(base.database)

        async def chosen(user: UUID) -> str:
            return (await profiles.get(user))[0]

        self.store = LinkStore(base.sealer, key, Grants(base.keys))
        self.links = LinkService(base.database, self.store, AuditLog(base.database, key), live)
        self.language = language_of(chosen, live)
        self.buttons = ApprovalButtons(key)
        self.asks = ApprovalMessages(
            reader=ApprovalReader(base.database, ApprovalSealer(base.sealer)),
            scopes=self.links,
            buttons=self.buttons,
            language=self.language,
            shows=lambda: live.config().show_approvals,
        )


def build_telegram_work(
    base: Infrastructure,
    live: LiveTelegram,
    accounts: TelegramAccounts,
    *,
    chat: ChatService,
    approvals: ApprovalService,
    notifications: NotificationService,
    users: Sequence[UUID],
    speech: SpeechService,
) -> TelegramWork:
    """Return what asks for messages, answers them, and does what buttons decide."""
    key = base.runtime.master_key
    inbox, served = Inbox(base.sealer, key), ServedUsers(live, users)
    answers = chat_answers.ChatAnswers(
        chat_answers.Uses(
            chat, approvals, inbox, live.using, accounts.language, VoiceMessages(speech)
        )
    )
    messages = answerer.Answerer(
        answerer.Uses(answers, live.using, base.database, notifications), inbox, served
    )
    decisions = presses.Presses(
        presses.Uses(
            approvals=approvals,
            buttons=accounts.buttons,
            link=accounts.links.of,
            bot=live.using,
            database=base.database,
            language=accounts.language,
        ),
        inbox,
        served,
    )

    def wake() -> None:
        messages.wake()
        decisions.wake()

    bots = BotStore(uuid4())
    receiver = Receiver(
        database=base.database,
        bots=bots,
        links=accounts.store,
        inbox=inbox,
        audit=AuditLog(base.database, key),
        wake=wake,
    )
    poller = Poller(live.using, database=base.database, bots=bots, receiver=receiver, key=key)
    return TelegramWork(poller, messages, decisions)


class VoiceMessages:
    """Writes down voice messages, where a service for that is set up."""

    def __init__(self, speech: SpeechService) -> None:
        self._speech = speech

    def is_set_up(self) -> bool:
        """Return whether there is such a service."""
        return self._speech.state().transcriptions

    async def transcribe(self, user: UUID, audio: bytes, language: Language) -> str | None:
        """Return the text of a recording; None: nothing is set up that can.

        Raises:
            UpstreamError: The service is away: it is tried again.
        """
        if not self.is_set_up():
            return None
        try:
            return await self._speech.transcribe(audio, None)
        except (PayloadTooLarge, UnsupportedMediaType):
            return ""
