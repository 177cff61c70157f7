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
