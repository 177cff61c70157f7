"""Sentences of the kind that an assistant remembers, as many as wanted and all different."""

from __future__ import annotations

import random

WHO = (
    "I", "My sister", "Our neighbor", "The dentist", "Grandfather", "My manager", "The landlord",
    "Our daughter", "The plumber", "My running partner", "The choir", "Our cat", "The school",
    "My cousin in Lyon", "The bank", "The new colleague", "Our book club", "The vet", "My godson",
)  # fmt: skip
DOES = (
    "would rather have", "never eats", "is allergic to", "collects", "asked about", "paid for",
    "forgot", "is looking for", "has ordered", "sold", "repairs", "recommended", "cannot stand",
    "borrowed", "keeps talking about", "wants to cancel", "is learning about", "gave away",
    "has to renew", "lost", "photographed", "measured", "promised to bring", "dreams of",
)  # fmt: skip
WHAT = (
    "oat milk", "the blue bicycle", "walnuts", "a flat with a balcony", "the heating bill",
    "old maps", "a red passport", "the piano lessons", "sourdough bread", "the garden fence",
    "train tickets", "a birthday cake", "the broken dishwasher", "a pair of hiking boots",
    "the insurance policy", "tomato seedlings", "a second monitor", "the vaccination record",
    "chess books", "the attic window", "a cello", "green tea", "the tax return", "woollen socks",
    "a sailing course", "the router password", "cheap flights", "the spare key", "peanut butter",
    "the wedding photos", "a hearing aid", "solar panels", "the library card", "goat cheese",
)  # fmt: skip
WHERE = (
    "in Hamburg", "at the lake", "near the station", "in the cellar", "at work", "in Portugal",
    "from the market", "at the clinic", "in the mountains", "on the island", "from the workshop",
    "in the kitchen drawer", "at the airport", "in the old town", "behind the shed", "online",
)  # fmt: skip
WHEN = (
    "last Tuesday", "every winter", "before the holidays", "since the move", "on Sunday mornings",
    "in late August", "after the operation", "until the end of May", "twice a week", "at night",
    "when it rains", "for three years now", "by the fifteenth", "during lunch", "next spring",
)  # fmt: skip
WHY = (
    "because the doctor said so", "to save money", "for the twins", "although nobody asked",
    "and is glad about it", "but it was too expensive", "so that the weekend is free",
    "and wants to be reminded", "because of the noise", "as a surprise", "without a receipt",
    "and will call back", "in case the power fails", "to please grandmother", "for good",
)  # fmt: skip


def sentences(count: int, seed: int) -> list[str]:
    """Different sentences of 5 to 20 words, the same for the same seed."""
    rng = random.Random(seed)
    found: dict[str, None] = {}
    while len(found) < count:
        parts = [rng.choice(part) for part in (WHO, DOES, WHAT)]
        parts += [rng.choice(part) for part in (WHERE, WHEN, WHY) if rng.random() < 0.6]
        if rng.random() < 0.3:
            parts[-1] += f", number {rng.randrange(2, 900)}"
        found[" ".join(parts) + "."] = None
    return list(found)
