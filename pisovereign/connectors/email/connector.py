"""Each person's mailbox."""

from __future__ import annotations

from pisovereign.connectors.contract import Connector, only_owner
from pisovereign.connectors.email.settings import EmailConfig
from pisovereign.connectors.email.types import checked_address
from pisovereign.connectors.form import ConnectionKind, FieldSpec
from pisovereign.errors import FieldError, PiSovereignError
from pisovereign.net.hosts import AllowedHost, normalize_host


def _problems(section: EmailConfig) -> list[FieldError]:
    address = section.from_address or section.username
    if not section.smtp_host and not section.from_address:
        return []
    try:
        checked_address(address)
    except (ValueError, PiSovereignError):
        return [
            {"field": "values.from_address", "error": "must be the mail address of the account"}
        ]
    return []


def _hosts(section: EmailConfig) -> list[AllowedHost]:
    servers = (section.imap_address, section.smtp_address)
    return [AllowedHost(normalize_host(host), port) for host, port in servers if host]


CONNECTOR = Connector(
    kind=ConnectionKind(
        name="email",
        section="email",
        personal=True,
        fields=(
            FieldSpec("username", required=True, names_server=True, placeholder="you@example.org"),
            FieldSpec("password", "secret", required=True),
            FieldSpec(
                "imap_host", required=True, names_server=True, placeholder="imap.example.org"
            ),
            FieldSpec("imap_port", "number", advanced=True, names_server=True),
            FieldSpec("imap_security", "choice", advanced=True, names_server=True),
            FieldSpec("smtp_host", names_server=True, placeholder="smtp.example.org"),
            FieldSpec("smtp_port", "number", advanced=True, names_server=True),
            FieldSpec("smtp_security", "choice", advanced=True, names_server=True),
            FieldSpec("from_address", advanced=True),
            FieldSpec("folder", advanced=True),
            FieldSpec("sent_folder", advanced=True),
            FieldSpec("drafts_folder", advanced=True),
            FieldSpec("save_sent", "switch", advanced=True),
        ),
        is_set=lambda section: bool(section.imap_host),
        problems=_problems,
        hosts=_hosts,
    ),
    settings=EmailConfig,
    module="pisovereign.connectors.email.connected",
    channel="mail",
    delivery="email.smtp_host",
    owners=lambda section, users: only_owner((section.user_id,), users),
)
