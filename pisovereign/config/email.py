"""Settings of `email`: the mailbox."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from pisovereign.config import rules
from pisovereign.config.rules import setting


class EmailConfig(msgspec.Struct, frozen=True, kw_only=True):
    """The mailbox: IMAP for reading, SMTP for sending."""

    imap_host: Annotated[
        str, setting("The server that mail is read from; empty: none.", rules.host)
    ] = ""
    imap_port: Annotated[
        int, setting("Its port; 0: 993 with TLS, 143 with STARTTLS.", ge=0, le=65535)
    ] = 0
    imap_security: Annotated[
        Literal["tls", "starttls"],
        setting("Encrypted from the first byte, or after a greeting; never without."),
    ] = "tls"
    smtp_host: Annotated[
        str, setting("The server that takes mail to be sent; empty: nothing is sent.", rules.host)
    ] = ""
    smtp_port: Annotated[
        int, setting("Its port; 0: 465 with TLS, 587 with STARTTLS.", ge=0, le=65535)
    ] = 0
    smtp_security: Annotated[Literal["tls", "starttls"], setting("As `email.imap_security`.")] = (
        "tls"
    )
    username: Annotated[str, setting("Who logs in, to both.", rules.one_line, max_length=320)] = ""
    password: Annotated[
        str, setting("The password, mostly one made for this program.", rules.one_line, secret=True)
    ] = ""
    password_file: Annotated[
        str, setting("A file that holds the password instead; see `docs/integrations.md`.")
    ] = ""
    from_address: Annotated[
        str,
        setting(
            "The sender of what is sent; empty: `email.username`.", rules.one_line, max_length=320
        ),
    ] = ""
    user_id: Annotated[
        str,
        setting(
            "Whose mailbox it is (UUID); may be left empty where there is one user only.",
            rules.user_id_or_empty,
        ),
    ] = ""
    folder: Annotated[
        str, setting("The folder that is read.", rules.one_line, min_length=1, max_length=200)
    ] = "INBOX"
    sent_folder: Annotated[
        str,
        setting(
            "Where sent mail is kept; empty: as the server says.", rules.one_line, max_length=200
        ),
    ] = ""
    drafts_folder: Annotated[
        str,
        setting(
            "Where drafts are kept; empty: as the server says.", rules.one_line, max_length=200
        ),
    ] = ""
    save_sent: Annotated[
        bool,
        setting("Put a copy of what was sent into that folder, unless the server did itself."),
    ] = True
    timeout_s: Annotated[
        float, setting("Longest time that one question to a server may take.", ge=1, le=120)
    ] = 20.0

    @property
    def imap_address(self) -> tuple[str, int]:
        """Host and port that mail is read from."""
        return self.imap_host, self.imap_port or (993 if self.imap_security == "tls" else 143)

    @property
    def smtp_address(self) -> tuple[str, int]:
        """Host and port that mail is sent to."""
        return self.smtp_host, self.smtp_port or (465 if self.smtp_security == "tls" else 587)
