"""Clients of services outside: weather, calendar, mail, messengers, speech, tools and the house.

Others import the types of each, and what reads, sends or explains; `diagnostics` tests them all,
`credentials` finds their secrets, and `blocking` runs libraries that block.
"""

__all__ = [
    "calendar.contact_types",
    "calendar.task_types",
    "calendar.types",
    "credentials",
    "diagnostics",
    "home_assistant.home",
    "home_assistant.types",
    "mail.message",
    "mail.outgoing",
    "mail.plain",
    "mail.reader",
    "mail.types",
    "mcp.sessions",
    "mcp.types",
    "ntfy.client",
    "speech.audio",
    "speech.client",
    "speech.decoding",
    "speech.events",
    "speech.spoken_text",
    "telegram.client",
    "telegram.errors",
    "telegram.types",
    "weather.types",
    "web.types",
    "whatsapp.graph",
    "whatsapp.people",
    "whatsapp.settings",
    "whatsapp.split",
]
