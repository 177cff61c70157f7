"""What talks to services outside: weather, calendar, mail, WhatsApp; one folder each."""

__all__ = [
    "calendar.types",
    "credentials",
    "diagnostics",
    "mail.message",
    "mail.outgoing",
    "mail.plain",
    "mail.reader",
    "mail.types",
    "weather.types",
    "whatsapp.graph",
    "whatsapp.people",
    "whatsapp.settings",
    "whatsapp.split",
]
