"""The types of ASGI 3, as our own layers use them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Message = MutableMapping[str, Any]
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
# Frameworks declare narrower or wider messages than these; all of them are ASGI 3.
AsgiApp = Callable[[Any, Any, Any], Awaitable[None]]

# Where the scope of a request has what tells whether so many answers were not taken that no more
# are to be made; absent: there is no limit.
TAKES_TOO_LITTLE = "pisovereign.takes_too_little"
