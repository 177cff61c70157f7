"""People who may write on WhatsApp."""

from __future__ import annotations

import re
from collections.abc import Sequence

from pisovereign.connectors import people
from pisovereign.connectors.people import People
from pisovereign.connectors.whatsapp.settings import WhatsAppSender


def people_of(senders: Sequence[WhatsAppSender]) -> People:
    """Return those whom the settings list."""
    return people.people_of(senders, lambda sender: digits(sender.phone))


def digits(phone: str) -> str:
    """Return a number as Meta writes it: with the country's code, without `+` and spaces."""
    return re.sub(r"[^0-9]", "", phone)
