"""Errors of the engine process, in OpenAI's form.

EngineError                    anything a request may be answered with
├── InvalidRequest             400 invalid_request
├── ContextLengthExceeded      400 context_length_exceeded, with both lengths
├── PromptTooSlow              400 prompt_too_slow, with the tokens that can be read in time
├── QueueFull                  503 queue_full, with Retry-After
└── GenerationFailed           500 generation_failed
ModelError                     a model that cannot be loaded: the process ends with status 3
"""

from __future__ import annotations

from typing import ClassVar, Final

from pisovereign.engine_client.types import ErrorBody, ErrorDetail

MODEL_UNUSABLE: Final = 3
"""Exit status of a process whose model cannot be used."""


class ModelError(Exception):
    """A model file that cannot be used; the text is one line."""


class EngineError(Exception):
    """An error with an HTTP status and OpenAI's `type` and `code`, and perhaps numbers."""

    status: ClassVar[int] = 500
    type: ClassVar[str] = "server_error"
    code: ClassVar[str] = "engine_error"

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message
        self.headers: dict[str, str] = {}
        self.numbers: dict[str, int] = {}

    def body(self) -> ErrorBody:
        """Return the error as it goes over the wire."""
        return ErrorBody(ErrorDetail(self.message, self.type, self.code, **self.numbers))


class InvalidRequest(EngineError):
    """A request the engine does not accept; the message says why."""

    status = 400
    type = "invalid_request_error"
    code = "invalid_request"


class ContextLengthExceeded(EngineError):
    """The prompt alone does not fit into the context."""

    status = 400
    type = "invalid_request_error"
    code = "context_length_exceeded"

    def __init__(self, prompt_tokens: int, context_length: int) -> None:
        super().__init__(
            f"The prompt has {prompt_tokens} tokens; the context holds {context_length}, "
            "of which at least one is for the answer."
        )
        self.numbers = {"prompt_tokens": prompt_tokens, "context_length": context_length}


class PromptTooSlow(EngineError):
    """A prompt whose new part takes longer to be read than the request allows."""

    status = 400
    type = "invalid_request_error"
    code = "prompt_too_slow"

    def __init__(self, computed: int, in_time: int) -> None:
        super().__init__(f"The prompt has {computed} new tokens; {in_time} can be read in time.")
        self.numbers = {"prompt_tokens": computed, "tokens_in_time": in_time}


class QueueFull(EngineError):
    """As many requests wait as may; `retry_after` is in whole seconds."""

    status = 503
    code = "queue_full"

    def __init__(self, retry_after: int) -> None:
        super().__init__("The engine's queue is full.")
        self.headers = {"Retry-After": str(retry_after)}


class GenerationFailed(EngineError):
    """The model failed on this request; others go on."""

    code = "generation_failed"
