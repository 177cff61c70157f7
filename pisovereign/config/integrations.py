"""The settings of services outside, and of the way to them."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from pisovereign.config import rules
from pisovereign.config.rules import KIB, MIB, setting


class OutboundConfig(msgspec.Struct, frozen=True, kw_only=True):
    """How other servers are reached: weather, calendar, mail, WhatsApp."""

    allow_hosts: Annotated[
        tuple[str, ...],
        setting(
            "Hosts, or `host:port`, that may be on the local network and may be asked without "
            "TLS. Those of the integrations' own addresses need not be repeated.",
            rules.hosts,
        ),
    ] = ()
    ca_file: Annotated[
        str, setting("A PEM file with a further authority that certificates may be signed by.")
    ] = ""
    connect_timeout_s: Annotated[
        float, setting("Longest wait for a name or a connection, in seconds.", ge=0.1, le=60)
    ] = 5.0
    timeout_s: Annotated[
        float,
        setting("Longest time one request may take with all its tries.", ge=0.1, le=300),
    ] = 20.0
    response_limit_bytes: Annotated[
        int, setting("Largest answer that is read, in bytes.", ge=KIB, le=256 * MIB)
    ] = 4 * MIB
    tries: Annotated[
        int, setting("How often a question is asked when the host fails.", ge=1, le=10)
    ] = 3
    breaker_failures: Annotated[
        int, setting("Failures in a row after which a host is given a pause.", ge=1, le=100)
    ] = 5
    breaker_pause_s: Annotated[
        float, setting("Length of that pause, in seconds.", ge=0.1, le=3600)
    ] = 30.0


class WeatherConfig(msgspec.Struct, frozen=True, kw_only=True):
    """The weather, from Open-Meteo. Without a place it is asked only for those that are named."""

    location: Annotated[
        str, setting("The place, such as `Berlin` or `Springfield, Illinois`.", max_length=200)
    ] = ""
    latitude: Annotated[
        float | None,
        setting(
            "Its latitude, -90 to 90; with both coordinates its name is not looked up.",
            rules.latitude,
        ),
    ] = None
    longitude: Annotated[float | None, setting("Its longitude, -180 to 180.", rules.longitude)] = (
        None
    )
    base_url: Annotated[
        str, setting("The forecast service, or one of your own that speaks its API.", rules.server)
    ] = "https://api.open-meteo.com/v1"
    geocoding_url: Annotated[str, setting("The service that finds places.", rules.server)] = (
        "https://geocoding-api.open-meteo.com/v1"
    )
    cache_minutes: Annotated[
        int, setting("How long an answer is used again, in minutes.", ge=1, le=1440)
    ] = 30
    timeout_s: Annotated[
        float, setting("Longest wait for an answer, in seconds.", ge=0.1, le=60)
    ] = 4.0


class CaldavConfig(msgspec.Struct, frozen=True, kw_only=True):
    """The calendar server."""

    url: Annotated[
        str,
        setting(
            "Address of the calendar server, such as https://cloud.example/remote.php/dav/; "
            "empty: no calendar.",
            rules.server_if_any,
        ),
    ] = ""
    username: Annotated[str, setting("Name of the account there.", max_length=200)] = ""
    password: Annotated[str, setting("Its password.", secret=True)] = ""
    password_file: Annotated[
        str,
        setting("A file that holds the password; else systemd's credential `caldav_password`."),
    ] = ""
    users: Annotated[
        tuple[str, ...],
        setting("Users (UUIDs) whose calendars these are; empty: the only user's.", rules.uuids),
    ] = ()
    calendars: Annotated[
        tuple[str, ...], setting("Names of the calendars that are read; empty: all.")
    ] = ()
    default_calendar: Annotated[
        str, setting("Name of the calendar for new events; empty: the first that is read.")
    ] = ""
    ca_file: Annotated[
        str,
        setting("A PEM file with the authority of this server; empty: `outbound.ca_file`."),
    ] = ""
    timeout_s: Annotated[
        float, setting("Longest time to read or to write, in seconds.", ge=1, le=120)
    ] = 20.0


class WhatsAppSender(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who may write to the assistant."""

    phone: Annotated[
        str,
        setting(
            "Their number with the country's code, such as +4915112345678.",
            pattern=r"^\+?[0-9]{6,15}$",
        ),
    ]
    user_id: Annotated[str, setting("The user (UUID) they are.", rules.user_id)]
    approve: Annotated[
        bool, setting("Whether they may approve with a code that they are shown.")
    ] = True


class WhatsAppConfig(msgspec.Struct, frozen=True, kw_only=True):
    """Messages through Meta's WhatsApp Cloud API; who may write, and who that is."""

    phone_number_id: Annotated[
        str,
        setting(
            "The id of the business phone number; empty: WhatsApp is off.",
            pattern="^[0-9]{0,32}$",
            max_length=32,
        ),
    ] = ""
    access_token: Annotated[str, setting("The access token.", secret=True)] = ""
    access_token_file: Annotated[str, setting("A file that holds it.")] = ""
    app_secret: Annotated[
        str, setting("The app's secret, which webhooks are signed with.", secret=True)
    ] = ""
    app_secret_file: Annotated[str, setting("A file that holds it.")] = ""
    verify_token: Annotated[
        str, setting("A word of your own that Meta proves itself with once.", secret=True)
    ] = ""
    verify_token_file: Annotated[str, setting("A file that holds it.")] = ""
    senders: Annotated[
        tuple[WhatsAppSender, ...],
        setting("Who may write, and which user that is; none: nobody."),
    ] = ()
    language: Annotated[
        Literal["en", "de"],
        setting("What is spoken where a message does not tell its language."),
    ] = "en"
    graph_url: Annotated[str, setting("Where the Graph API is.", rules.server)] = (
        "https://graph.facebook.com"
    )
    graph_version: Annotated[str, setting("Its version.", pattern=r"^v[0-9]{1,3}\.[0-9]$")] = (
        "v26.0"
    )
    timeout_s: Annotated[
        float, setting("Longest time one call of the Graph API may take.", ge=1, le=60)
    ] = 10.0
    template: Annotated[
        str,
        setting(
            "An approved template with one place in its body, for reminders and results of "
            "schedules later than 24 hours after the user's last message; empty: none.",
            pattern="^[a-z0-9_]{0,512}$",
            max_length=512,
        ),
    ] = ""
    template_language: Annotated[
        str, setting("The template's language.", pattern="^[A-Za-z_]{2,10}$")
    ] = "en"


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
