"""The mailbox of a configuration, put together."""

from __future__ import annotations

from uuid import UUID

from pisovereign.config import EmailConfig
from pisovereign.errors import StartError
from pisovereign.integrations.credentials import load_secret
from pisovereign.integrations.mail.folders import Folders
from pisovereign.integrations.mail.reader import MailReader
from pisovereign.integrations.mail.server import Account, MailServer
from pisovereign.integrations.mail.wire import MailThreads
from pisovereign.outbound.outbound import Outbound


def build_reader(
    config: EmailConfig, outbound: Outbound, threads: MailThreads, owner: UUID | None
) -> MailReader | None:
    """What reads mail; None when no server is configured.

    Raises:
        StartError: something of `[email]` is missing or cannot be used.
    """
    if not config.imap_host:
        return None
    host, port = config.imap_address
    return MailReader(
        server=MailServer(
            host=host,
            port=port,
            security=config.imap_security,
            account=_account(config),
            timeout_s=config.timeout_s,
            gate=outbound.gate,
            tls=outbound.tls,
        ),
        folders=Folders(inbox=config.folder, sent=config.sent_folder, drafts=config.drafts_folder),
        owner=owner,
        threads=threads,
        breakers=outbound.breakers,
        limit_s=config.timeout_s,
    )


def owner_of(config: EmailConfig, users: list[UUID]) -> UUID | None:
    """Whose mailbox it is: who is named, else the only user; None when that is not clear."""
    if config.user_id:
        return UUID(config.user_id)
    return users[0] if len(users) == 1 else None


def _account(config: EmailConfig) -> Account:
    password = load_secret("email.password", config.password, config.password_file)
    if not config.username:
        raise StartError("email.username is not set, and email.imap_host is")
    if not password:
        raise StartError(
            "email.imap_host is set, and there is no password: set email.password_file, or "
            "email.password, or provide the systemd credential email_password"
        )
    return Account(username=config.username, password=password)
