"""What the API's clients get to see when the engine does not answer.

ServiceUnavailable
└── EngineUnavailable          not reachable, loading, busy, or gone in the middle of an answer
UpstreamError
└── EngineMisbehaved           it answers, but not as an OpenAI-compatible server does
    └── EngineRefused          it says that the request is wrong
PiSovereignError
└── ContextExceeded            the prompt does not fit; callers shorten it and try again
"""

from __future__ import annotations

from pisovereign.errors import BadRequest, ServiceUnavailable, UpstreamError


class EngineUnavailable(ServiceUnavailable):
    """The engine cannot answer now; `retry_after` in seconds when that is known."""

    def __init__(self, message: str, *, retry_after: int | None = None) -> None:
        super().__init__(message, retry_after=retry_after)
        self.retry_after = retry_after


class EngineMisbehaved(UpstreamError):
    """The engine's answer is not to be understood, or refuses what should be right."""


class EngineRefused(EngineMisbehaved):
    """The engine finds the request wrong; `reason` is its own."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(f"The engine answered with status {status}: {reason}")
        self.reason = reason


class ContextExceeded(BadRequest):
    """The prompt is longer than the context; lengths in tokens, None when not told."""

    def __init__(self, prompt_tokens: int | None, context_length: int | None) -> None:
        super().__init__("The conversation is longer than the model's context")
        self.prompt_tokens = prompt_tokens
        self.context_length = context_length
