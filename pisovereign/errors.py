"""Every error that a client may see, and the error of a refused start.

StartError                     a start that is refused, in one line
PiSovereignError               anything a client may see
├── BadRequest                 400 BAD_REQUEST
│   ├── ContextExceeded        the prompt does not fit; callers shorten it and try again
│   └── PromptTooSlow          it takes too long to be read; callers shorten it and try again
├── Unauthorized               401 UNAUTHORIZED
├── Forbidden                  403 FORBIDDEN
├── NotFound                   404 NOT_FOUND
├── MethodNotAllowed           405 METHOD_NOT_ALLOWED
├── Conflict                   409 CONFLICT
│   └── ToolChanged            a tool of a server is another one than was allowed; it was not called
├── PayloadTooLarge            413 PAYLOAD_TOO_LARGE
├── UnsupportedMediaType       415 UNSUPPORTED_MEDIA_TYPE
├── ValidationFailed           422 VALIDATION_ERROR
│   └── TooLong                messages do not fit into the context; nothing was computed
├── RateLimited                429 RATE_LIMITED
├── InternalError              500 INTERNAL_ERROR
│   └── SealError              text that cannot be sealed or opened
│       ├── UnknownKey         it was sealed with another key
│       └── TamperedData       it was changed, or moved to another row
├── UpstreamError              502 UPSTREAM_ERROR
│   ├── EngineMisbehaved       the engine answers, but not as an OpenAI-compatible server does
│   │   └── EngineRefused      the engine says that the request is wrong
│   ├── RunInterrupted         a command had begun, and its result is not known
│   ├── LoginRefused           the server does not accept the user name or the password
│   ├── MailNotSent            the mail certainly was not sent
│   ├── MailOutcomeUnknown     nobody can tell whether the mail was sent
│   ├── OutcomeUnknown         another server was asked, and nobody can tell whether it did it
│   ├── Refused                the outbound gate does not let it out; nothing was contacted
│   │   └── AnswerRefused      the host was asked, but its answer is not accepted
│   └── HostFailed             the host is away, slow or broken: it counts against the host
│       ├── HostUnreached      there was no connection: it was sent nothing
│       └── HostPaused         it failed so often that it is not asked for a while
├── ServiceUnavailable         503 SERVICE_UNAVAILABLE
│   ├── NotBegun               certainly nothing was done: it may be tried again
│   │   └── AskedTooOften      a server was asked as often as it may be within a minute
│   ├── EngineUnavailable      not reachable, loading, busy, or gone in the middle of an answer
│   └── NotConfigured          a source that was not set up
└── StorageFull                507 STORAGE_FULL

They are raised where something is known, and translated to HTTP once, in `asgi/errors.py`. What
derives from them elsewhere ends a job or a task, and never reaches a client.
"""

from __future__ import annotations

from typing import Any, ClassVar, TypedDict


class StartError(Exception):
    """A start that is refused; the text is one line that says what to do about it."""


class FieldError(TypedDict):
    """One broken field of a request: its dotted path and what is wrong with it."""

    field: str
    error: str


class PiSovereignError(Exception):
    """An error with a stable code and an HTTP status; the message is safe to show to the client."""

    code: ClassVar[str] = "INTERNAL_ERROR"
    status: ClassVar[int] = 500

    def __init__(self, message: str, *, details: dict[str, Any] | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.details: dict[str, Any] = details or {}
        self.headers: dict[str, str] = {}


class BadRequest(PiSovereignError):
    """The request cannot be read: malformed JSON, wrong content type, undecodable parameter."""

    code = "BAD_REQUEST"
    status = 400


class Unauthorized(PiSovereignError):
    """No API key, or one that is not known."""

    code = "UNAUTHORIZED"
    status = 401

    def __init__(self, message: str = "Invalid or missing API key") -> None:
        super().__init__(message)
        self.headers = {"WWW-Authenticate": "Bearer"}


class Forbidden(PiSovereignError):
    """A known key, or address, that may not do this."""

    code = "FORBIDDEN"
    status = 403


class NotFound(PiSovereignError):
    """No such thing, or it belongs to somebody else: the two look alike."""

    code = "NOT_FOUND"
    status = 404


class MethodNotAllowed(PiSovereignError):
    """The path exists, the method does not."""

    code = "METHOD_NOT_ALLOWED"
    status = 405

    def __init__(self, message: str, *, allowed: list[str]) -> None:
        super().__init__(message)
        self.headers = {"Allow": ", ".join(allowed)}


class Conflict(PiSovereignError):
    """The thing is no longer in a state that allows this."""

    code = "CONFLICT"
    status = 409


class ToolChanged(Conflict):
    """A tool is not what it was when somebody allowed it, or is `gone`; it was not called."""

    def __init__(self, *, gone: bool) -> None:
        said = "The server has no such tool any more" if gone else "The tool has changed"
        super().__init__(f"{said} since it was allowed, so it was not called")


class PayloadTooLarge(PiSovereignError):
    """The body is larger than the server accepts."""

    code = "PAYLOAD_TOO_LARGE"
    status = 413


class UnsupportedMediaType(PiSovereignError):
    """The body is encoded in a way the server does not read."""

    code = "UNSUPPORTED_MEDIA_TYPE"
    status = 415


class ValidationFailed(PiSovereignError):
    """Well-formed input that breaks rules; names every broken field at once.

    The message tells the first one, for programs and people who look no further.
    """

    code = "VALIDATION_ERROR"
    status = 422

    def __init__(self, fields: list[FieldError]) -> None:
        super().__init__(_first(fields), details={"fields": fields})
        self.fields = fields

    @property
    def reasons(self) -> str:
        """Return what is wrong with every field, in one line."""
        return "; ".join(f"{field['field']} {field['error']}" for field in self.fields)


class TooLong(ValidationFailed):
    """Messages do not fit into the model's context; nothing was computed."""


def _first(fields: list[FieldError]) -> str:
    """Return what is wrong with the first field, and how many others there are."""
    if not fields:
        return "Request validation failed"
    first = f"{fields[0]['field']}: {fields[0]['error']}"
    return f"{first} (and {len(fields) - 1} more)" if len(fields) > 1 else first


class RateLimited(PiSovereignError):
    """Too many requests from one address; `retry_after` is in whole seconds, at least 1."""

    code = "RATE_LIMITED"
    status = 429

    def __init__(self, retry_after: int) -> None:
        unit = "second" if retry_after == 1 else "seconds"
        super().__init__(f"Too many requests. Please retry after {retry_after} {unit}.")
        self.retry_after = retry_after
        self.headers = {"Retry-After": str(retry_after)}


class InternalError(PiSovereignError):
    """Something is wrong on this side."""


class UpstreamError(PiSovereignError):
    """Another server answered, but not usefully."""

    code = "UPSTREAM_ERROR"
    status = 502


# What ended is there again after about as long, in seconds.
_SOON_S = 2


class ServiceUnavailable(PiSovereignError):
    """A part of the system is not there now; `retry_after` in seconds when that is known.

    Clients are told to come back in any case.
    """

    code = "SERVICE_UNAVAILABLE"
    status = 503

    def __init__(self, message: str, *, retry_after: int | None = None) -> None:
        super().__init__(message)
        self.headers = {"Retry-After": str(_SOON_S if retry_after is None else retry_after)}


class StorageFull(PiSovereignError):
    """The user keeps as much as they may; `most` is in bytes."""

    code = "STORAGE_FULL"
    status = 507

    def __init__(self, most: int) -> None:
        super().__init__(
            f"You may keep {most} bytes (database.user_quota_bytes), and this would be more: "
            "delete conversations, memories or tasks that you do not need any longer"
        )
        self.details = {"setting": "database.user_quota_bytes", "limit": most}


class Refused(UpstreamError):
    """The address may not be contacted."""


class AnswerRefused(Refused):
    """The host answered in a way that is not accepted; what it did before that is not known."""


class LoginRefused(UpstreamError):
    """The server does not accept the user name or the password."""


class MailNotSent(UpstreamError):
    """The mail certainly was not sent; `permanent` when another try would change nothing."""

    def __init__(self, message: str, *, permanent: bool) -> None:
        super().__init__(message)
        self.permanent = permanent


class MailOutcomeUnknown(UpstreamError):
    """The connection ended where the server may have taken the mail already."""


class OutcomeUnknown(UpstreamError):
    """Another server was asked to do something, and nobody knows whether it did."""


class HostFailed(UpstreamError):
    """The host could not be reached in time, or failed itself."""


class HostUnreached(HostFailed):
    """No connection to the host was made, so it was sent nothing."""


class HostPaused(HostFailed):
    """The host failed several times in a row and is given a pause; nothing was contacted."""

    def __init__(self, message: str, *, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class NotBegun(ServiceUnavailable):
    """The part that was to carry it out is away or busy, and certainly nothing was done."""


class AskedTooOften(NotBegun):
    """The server was asked as often as it may be within a minute; it was not asked again."""


class NotConfigured(ServiceUnavailable):
    """A source that was not set up; `setting` is what to set."""

    def __init__(self, what: str, setting: str) -> None:
        super().__init__(f"{what} is not configured: set {setting}")
        self.headers = {}  # it is of no use to try again
        self.setting = setting
        self.details = {"setting": setting}


class ContextExceeded(BadRequest):
    """The prompt is longer than the context; lengths in tokens, None where they are not known."""

    def __init__(self, prompt_tokens: int | None, context_length: int | None) -> None:
        super().__init__("The conversation is longer than the model's context")
        self.prompt_tokens = prompt_tokens
        self.context_length = context_length


class PromptTooSlow(BadRequest):
    """Reading the prompt takes longer than it may.

    `computed` tokens of it are new, of which `in_time` can be read in time.
    """

    def __init__(self, computed: int, in_time: int) -> None:
        super().__init__("Reading the conversation takes longer than it may")
        self.computed = computed
        self.in_time = in_time


class EngineUnavailable(ServiceUnavailable):
    """The engine cannot answer now; `retry_after` is in seconds, None where it is not known."""

    def __init__(self, message: str, *, retry_after: int | None = None) -> None:
        super().__init__(message, retry_after=retry_after)
        self.retry_after = retry_after


class EngineMisbehaved(UpstreamError):
    """The engine's answer cannot be understood, or refuses what should be right."""


class EngineRefused(EngineMisbehaved):
    """The engine refuses the request as wrong, for its own `reason`."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(f"The engine answered with status {status}: {reason}")
        self.reason = reason


class RunInterrupted(UpstreamError):
    """The runner had begun and gave no result: whether the command ran, and how far, is unknown.

    Every other error of the runner's client means that the command was not started.
    """

    def __init__(self, message: str = "The command was interrupted; it may have run") -> None:
        super().__init__(message)


class SealError(InternalError):
    """Text that cannot be sealed or opened; the message never holds any of it."""


class UnknownKey(SealError):
    """The text was sealed with another key than the one in the key file."""


class TamperedData(SealError):
    """The sealed bytes are not what was stored, or not in the row they were stored in."""
