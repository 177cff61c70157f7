"""Telegram: people write to the assistant there, and decide there what waits for them.

`poller` asks for messages and stores them before they are forgotten there, `answerer` answers those
that people wrote, `presses` does what a button decides, and `links` knows whose account is whose.
"""

__all__: list[str] = []
