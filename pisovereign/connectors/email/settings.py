"""Settings of `email`: the mailbox."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from pisovereign.config import rules
from pisovereign.config.rules import setting


class EmailConfig(msgspec.Struct, frozen=True, kw_only=True):
    """The mailbox: IMAP for reading, SMTP for sending."""

    imap_host: Annotated[str, setting("IMAP server; empty: no mail is read.", rules.host)] = ""
    imap_port: Annotated[
        int, setting("Port of the IMAP server; 0: 993 with TLS, 143 with STARTTLS.", ge=0, le=65535)
    ] = 0
    imap_security: Annotated[
        Literal["tls", "starttls"],
        setting("TLS from the first byte, or STARTTLS; unencrypted connections are not supported."),
    ] = "tls"
    smtp_host: Annotated[str, setting("SMTP server; empty: no mail is sent.", rules.host)] = ""
    smtp_port: Annotated[
        int, setting("Port of the SMTP server; 0: 465 with TLS, 587 with STARTTLS.", ge=0, le=65535)
    ] = 0
    smtp_security: Annotated[Literal["tls", "starttls"], setting("As `email.imap_security`.")] = (
        "tls"
    )
    username: Annotated[
        str, setting("User name for both servers.", rules.one_line, max_length=320)
    ] = ""
    password: Annotated[
        str,
        setting(
            "Password for both servers, preferably an app password.", rules.one_line, secret=True
        ),
    ] = ""
    password_file: Annotated[
        str, setting("A file that contains the password instead; see `docs/integrations.md`.")
    ] = ""
    from_address: Annotated[
        str,
        setting("Sender address; empty: `email.username`.", rules.one_line, max_length=320),
    ] = ""
    user_id: Annotated[
        str,
        setting(
            "The user (UUID) whose mailbox it is; may be empty if there is only one user.",
            rules.user_id_or_empty,
        ),
    ] = ""
    folder: Annotated[
        str, setting("The folder that is read.", rules.one_line, min_length=1, max_length=200)
    ] = "INBOX"
    sent_folder: Annotated[
        str,
        setting(
            "Folder for sent mail; empty: the one that the server names.",
            rules.one_line,
            max_length=200,
        ),
    ] = ""
    drafts_folder: Annotated[
        str,
        setting(
            "Folder for drafts; empty: the one that the server names.",
            rules.one_line,
            max_length=200,
        ),
    ] = ""
    save_sent: Annotated[
        bool,
        setting("Store a copy of sent mail in that folder, unless the server did so itself."),
    ] = True
    timeout_s: Annotated[
        float,
        setting("Longest time that one request to a server may take, in seconds.", ge=1, le=120),
    ] = 20.0

    @property
    def imap_address(self) -> tuple[str, int]:
        """Host and port that mail is read from."""
        return self.imap_host, self.imap_port or (993 if self.imap_security == "tls" else 143)

    @property
    def smtp_address(self) -> tuple[str, int]:
        """Host and port that mail is sent to."""
        return self.smtp_host, self.smtp_port or (465 if self.smtp_security == "tls" else 587)
