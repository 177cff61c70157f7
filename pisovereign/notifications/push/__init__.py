"""Web Push: messages to browsers and phones, also when the page is closed there.

`channel` sends what is in the outbox; `routes` and `service` keep who wants to be told.
"""

__all__ = ["build", "channel", "routes", "service", "store"]
