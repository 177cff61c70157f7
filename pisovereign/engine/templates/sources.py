"""The chat templates in a model file."""

from __future__ import annotations

import hashlib
from typing import Any, NamedTuple


class TemplateSources(NamedTuple):
    """The templates in a model file.

    Attributes:
        default: for conversations; empty if there is none.
        tool_use: for those with tools; empty if it is the same.
    """

    default: str = ""
    tool_use: str = ""

    @property
    def digest(self) -> str:
        """Return a hash of both."""
        return hashlib.sha256("\0".join(self).encode()).hexdigest()


def template_sources(handle: Any) -> TemplateSources:
    """Return the chat templates of a model that is open, with or without its weights."""
    return TemplateSources(_template(handle, None), _template(handle, b"tool_use"))


def _template(handle: Any, name: bytes | None) -> str:
    # Imported here: whoever knows the templates may not have loaded OpenMP with llama.cpp yet.
    import llama_cpp  # noqa: PLC0415

    text: bytes | None = llama_cpp.llama_model_chat_template(handle, name)
    return (text or b"").decode("utf-8", "replace")
