"""Build the mailbox as the configuration describes it."""

from __future__ import annotations

from typing import NamedTuple
from uuid import UUID

from pisovereign.connectors.blocking import BlockingPool
from pisovereign.connectors.credentials import load_secret
from pisovereign.connectors.email.channel import MailChannel
from pisovereign.connectors.email.composer import MailComposer
from pisovereign.connectors.email.imap import MailAccount
from pisovereign.connectors.email.outgoing import Drafter, Sender
from pisovereign.connectors.email.reader import MailReader
from pisovereign.connectors.email.server import Folders, Login, MailServer, Security
from pisovereign.connectors.email.settings import EmailConfig
from pisovereign.connectors.email.types import checked_address
from pisovereign.errors import StartError
from pisovereign.health import CachedCheck
from pisovereign.outbound.outbound import Outbound


class MailParts(NamedTuple):
    """The parts of a mailbox: what reads, what composes mails, and what takes them.

    `sender` and `channel`, which tells the owner of reminders, are None when nothing sends.
    """

    account: MailAccount
    reader: MailReader
    composer: MailComposer
    drafter: Drafter
    sender: Sender | None = None
    channel: MailChannel | None = None

    async def probe(self) -> str:
        """Log in to each server now, and return what can be done there.

        Raises:
            UpstreamError: one is away, slow or broken, or does not let us in.
        """
        said = await self.reader.probe()
        return f"{said}, {await self.sender.probe()}" if self.sender else said

    @property
    def health(self) -> CachedCheck:
        """A check that does not log in too often."""
        return self.reader.health

    def belongs_to(self, user: UUID) -> bool:
        """Return whether it is this user's mailbox."""
        return self.reader.belongs_to(user)


def build(
    config: EmailConfig, outbound: Outbound, pool: BlockingPool, owners: frozenset[UUID]
) -> MailParts | None:
    """Return the mailbox of its only owner, or of nobody; None when no server is configured.

    Raises:
        StartError: something of `[email]` is missing or cannot be used.
    """
    if not config.imap_host:
        if config.smtp_host:
            raise StartError("email.smtp_host is set, and email.imap_host is not")
        return None
    owner = next(iter(owners), None)
    login = _login(config)
    account = MailAccount(
        imap=_server(config, outbound, login, config.imap_address, config.imap_security),
        folders=Folders(inbox=config.folder, sent=config.sent_folder, drafts=config.drafts_folder),
        pool=pool,
        breakers=outbound.breakers,
        limit_s=config.timeout_s,
    )
    reader = MailReader(account, owner)
    address = _from(config)
    sends = bool(config.smtp_host and address)
    parts = MailParts(account, reader, MailComposer(reader, address, sends=sends), Drafter(account))
    if not (config.smtp_host and address):
        return parts
    smtp = _server(config, outbound, login, config.smtp_address, config.smtp_security)
    sender = Sender(account, smtp, keep_copy=config.save_sent)
    return parts._replace(sender=sender, channel=MailChannel(sender, address, owner))


def _server(
    config: EmailConfig,
    outbound: Outbound,
    login: Login,
    address: tuple[str, int],
    security: Security,
) -> MailServer:
    return MailServer(
        host=address[0],
        port=address[1],
        security=security,
        login=login,
        timeout_s=config.timeout_s,
        gate=outbound.gate,
        tls=outbound.tls,
    )


def _from(config: EmailConfig) -> str | None:
    """Return the address that mails are from; None when nobody said, and nothing is sent."""
    try:
        return checked_address(config.from_address or config.username)
    except ValueError:
        if config.from_address or config.smtp_host:
            said = "email.from_address must be the mail address of the account"
            raise StartError(said) from None
        return None


def _login(config: EmailConfig) -> Login:
    password = load_secret("email.password", config.password, config.password_file)
    if not config.username:
        raise StartError("email.username is not set, and email.imap_host is")
    if not password:
        raise StartError(
            "email.imap_host is set, and there is no password: set email.password_file, or "
            "email.password, or provide the systemd credential email_password"
        )
    return Login(username=config.username, password=password)
