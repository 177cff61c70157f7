"""What talks to services outside: weather, calendar, mail, WhatsApp; one folder each."""

__all__ = [
    "calendar.types",
    "credentials",
    "diagnostics",
    "mail.drafter",
    "mail.fields",
    "mail.message",
    "mail.plain",
    "mail.reader",
    "mail.sender",
    "mail.smtp",
    "mail.types",
    "weather.types",
    "whatsapp.graph",
    "whatsapp.people",
    "whatsapp.settings",
    "whatsapp.split",
]
