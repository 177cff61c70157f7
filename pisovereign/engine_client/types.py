"""OpenAI's wire format, as far as the engine speaks it, for the engine and its client.

Requests are closed and range-checked: a field that is not here, or a value out of its bounds, never
reaches native code. Additive fields (`top_k`, `min_p`, `repeat_penalty`) have the names that
llama.cpp's own server uses, so the same request works there.
"""

from __future__ import annotations

import hashlib
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType, field

Role = Literal["system", "user", "assistant", "tool"]
FinishReason = Literal["stop", "length", "tool_calls"]
ReasoningEffort = Literal["none", "minimal", "low", "medium", "high"]
StopString = Annotated[str, Meta(min_length=1, max_length=256)]
FunctionName = Annotated[str, Meta(pattern="^[A-Za-z0-9_.-]{1,64}$")]
CallId = Annotated[str, Meta(max_length=200)]

MOST_TOOLS = 128


class FunctionCall(Struct, frozen=True, forbid_unknown_fields=True):
    """A model's call of a function: `arguments` is JSON text, whatever the model's own notation."""

    name: Annotated[str, Meta(max_length=64)]
    arguments: str


class ToolCall(Struct, frozen=True, forbid_unknown_fields=True):
    """One call of a function, to which a message of the role `tool` answers by the id."""

    id: CallId
    function: FunctionCall
    type: Literal["function"] = field(default="function")


class Message(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One message of a conversation.

    An answer of the assistant has the `tool_calls` that it made; the result of one is a message of
    the role `tool` with its id, and perhaps with the function's `name`.
    """

    role: Role
    # Always sent, also when it is empty: some servers ask for it.
    content: str = field(default_factory=lambda: "")
    tool_calls: Annotated[list[ToolCall], Meta(max_length=MOST_TOOLS)] | None = None
    tool_call_id: CallId | None = None
    name: Annotated[str, Meta(max_length=64)] | None = None


class FunctionSpec(Struct, frozen=True, forbid_unknown_fields=True):
    """A function that may be called; `parameters` is the JSON Schema of its arguments."""

    name: FunctionName
    description: Annotated[str, Meta(max_length=4096)] = ""
    parameters: dict[str, Any] = field(default_factory=dict)


class Tool(Struct, frozen=True, forbid_unknown_fields=True):
    """A tool; only functions are known."""

    function: FunctionSpec
    type: Literal["function"] = field(default="function")


class ChosenFunction(Struct, frozen=True, forbid_unknown_fields=True):
    """A function's name."""

    name: FunctionName


class NamedToolChoice(Struct, frozen=True, forbid_unknown_fields=True):
    """The one function that has to be called."""

    function: ChosenFunction
    type: Literal["function"] = field(default="function")


ToolChoice = Literal["none", "auto", "required"] | NamedToolChoice


class StreamOptions(Struct, frozen=True, forbid_unknown_fields=True):
    """The options of a stream: what it carries beside the text."""

    include_usage: bool = False


class TextFormat(Struct, frozen=True, tag_field="type", tag="text"):
    """Free text, which is the default."""


class JsonObjectFormat(Struct, frozen=True, tag_field="type", tag="json_object"):
    """Any JSON object."""


class JsonSchema(Struct, frozen=True, forbid_unknown_fields=True):
    """A named JSON schema; which keywords are known is in `grammar`."""

    schema: dict[str, Any]
    name: Annotated[str, Meta(max_length=64)] = "answer"
    strict: bool = True
    description: Annotated[str, Meta(max_length=1000)] = ""


class JsonSchemaFormat(Struct, frozen=True, tag_field="type", tag="json_schema"):
    """JSON that follows a schema."""

    json_schema: JsonSchema


class ChatRequest(
    Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True
):
    """Body of `POST /v1/chat/completions`."""

    model: Annotated[str, Meta(max_length=200)] = ""
    messages: Annotated[list[Message], Meta(min_length=1, max_length=4096)]
    stream: bool = False
    stream_options: StreamOptions | None = None
    temperature: Annotated[float, Meta(ge=0.0, le=2.0)] | None = None
    top_p: Annotated[float, Meta(ge=0, le=1)] | None = None
    top_k: Annotated[int, Meta(ge=0, le=100_000)] | None = None
    min_p: Annotated[float, Meta(ge=0, le=1)] | None = None
    repeat_penalty: Annotated[float, Meta(ge=0.1, le=10)] | None = None
    seed: Annotated[int, Meta(ge=-(1 << 63), le=(1 << 63) - 1)] | None = None
    stop: StopString | Annotated[list[StopString], Meta(max_length=16)] | None = None
    max_tokens: Annotated[int, Meta(ge=1, le=1 << 20)] | None = None
    max_completion_tokens: Annotated[int, Meta(ge=1, le=1 << 20)] | None = None
    response_format: TextFormat | JsonObjectFormat | JsonSchemaFormat | None = None
    tools: Annotated[list[Tool], Meta(max_length=MOST_TOOLS)] | None = None
    # None is `auto` where there are tools.
    tool_choice: ToolChoice | None = None
    # Whether one answer may make several calls.
    parallel_tool_calls: bool = True
    # Whether the tools are the same for everybody: what is computed for them is then shared, as the
    # system prompt is: the API's word, never its client's. Only our own engine knows it.
    public_tools: bool = False
    # How much a model that can think first does so; None is `none`: not at all.
    reasoning_effort: ReasoningEffort | None = None
    # Ends an answer that repeats itself again and again; only our own engine knows it.
    repetition_guard: bool = True
    # Makes an answer unlikely that begins as an earlier one; only our own engine knows it.
    copy_penalty: bool = False
    # Requests reuse each other's computed prompt, beyond the shared system message, only under the
    # same key, so that `cached_tokens` and the clock tell nobody about another one's text.
    prompt_cache_key: Annotated[str, Meta(max_length=128)] | None = None
    # Tells how long the answer will take before it begins; only our own engine knows it, and
    expectation: bool = False
    # so many seconds at most: a prompt that takes longer to be read is refused.
    max_prompt_s: Annotated[float, Meta(gt=0, le=1 << 20)] | None = None
    # A `flex` one pauses while the prompt of another is read, so that a first token comes soon.
    service_tier: Literal["default", "flex"] | None = None


def prompt_cache_key(user: UUID) -> str:
    """Return the key that only the requests of one user have."""
    return hashlib.blake2b(user.bytes, digest_size=16).hexdigest()


class PromptTokensDetails(Struct, frozen=True):
    """How much of the prompt did not have to be computed."""

    cached_tokens: int = 0


class Usage(Struct, frozen=True):
    """Token counts of one answer."""

    prompt_tokens: int = 0
    completion_tokens: int = 0
    total_tokens: int = 0
    prompt_tokens_details: PromptTokensDetails | None = None


class AnswerMessage(Struct, frozen=True):
    """An answer; `content` is None when it calls tools instead.

    `reasoning_content` is what the model thought before.
    """

    role: Literal["assistant"]
    content: str | None
    tool_calls: list[ToolCall] | UnsetType = UNSET
    reasoning_content: str | UnsetType = UNSET


class Choice(Struct, frozen=True):
    """The one answer of a response."""

    message: AnswerMessage
    finish_reason: FinishReason
    index: int = 0


class ChatResponse(Struct, frozen=True):
    """Body of a reply that is not streamed."""

    id: str
    created: int
    model: str
    choices: list[Choice]
    usage: Usage
    object: Literal["chat.completion"] = "chat.completion"


class FunctionDelta(Struct, frozen=True, omit_defaults=True):
    """More of a call: the name comes whole, the arguments in pieces."""

    name: str | None = None
    arguments: str | None = None


class ToolCallDelta(Struct, frozen=True, omit_defaults=True):
    """More of the call with this index; id and type come with the first piece."""

    index: int
    function: FunctionDelta
    id: str | None = None
    type: Literal["function"] | None = None


class ChunkDelta(Struct, frozen=True, omit_defaults=True):
    """The delta of one chunk; `role` only in the first."""

    role: Literal["assistant"] | None = None
    content: str | None = None
    tool_calls: list[ToolCallDelta] | None = None
    reasoning_content: str | None = None


class ChunkChoice(Struct, frozen=True):
    """The one choice of a chunk."""

    delta: ChunkDelta
    finish_reason: FinishReason | None = None
    index: int = 0


class Expectation(Struct, frozen=True):
    """How long an answer will take, as far as the engine knows.

    `first_s` is the seconds until its first token, and `token_s` those of each further one.
    """

    first_s: float
    token_s: float


class Chunk(Struct, frozen=True, omit_defaults=True):
    """One event of a streamed reply; `expected` only in the first, where it was asked for."""

    id: str
    created: int
    model: str
    choices: list[ChunkChoice]
    object: str = field(default_factory=lambda: "chat.completion.chunk")
    usage: Usage | None = None
    expected: Expectation | None = None


class EmbeddingRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Body of `POST /v1/embeddings`."""

    input: (
        Annotated[str, Meta(max_length=1 << 17)]
        | Annotated[
            list[Annotated[str, Meta(max_length=1 << 17)]], Meta(min_length=1, max_length=512)
        ]
    )
    model: Annotated[str, Meta(max_length=200)] = ""
    encoding_format: Literal["float"] = "float"


# How long a client keeps a connection that it does not use, in seconds. Shorter than any server's
# patience, so that no request goes out on a connection that is just being closed.
KEEPALIVE_S = 2.0
JOINT_EMBEDDINGS = "/v1/embeddings/joint"
"""Our engine's own route: OpenAI's asks one model, and writes each number as text."""


class JointEmbeddingRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Body of `POST /v1/embeddings/joint`."""

    input: Annotated[
        list[Annotated[str, Meta(max_length=1 << 17)]], Meta(min_length=1, max_length=512)
    ]
    models: Annotated[list[Annotated[str, Meta(max_length=200)]], Meta(min_length=1, max_length=8)]


class JointEmbeddingResponse(Struct, frozen=True):
    """Vectors by model, in the order of the texts: float32, little-endian, in base64."""

    vectors: dict[str, list[bytes]]


class Embedding(Struct, frozen=True):
    """One vector of unit length; `index` is the text's place in the request."""

    embedding: list[float]
    index: int
    object: Literal["embedding"] = "embedding"


class EmbeddingResponse(Struct, frozen=True):
    """Body of a reply with embeddings, in the order of the request."""

    data: list[Embedding]
    model: str
    usage: Usage
    object: Literal["list"] = "list"


class EngineStatistics(Struct, frozen=True, kw_only=True):
    """How busy our engine is, and totals since its start.

    `queue` and `active` count requests, `slots` how many can be active. `batch_occupancy` is the
    average number of requests in a computed batch. Totals: `prompt_tokens`, of which
    `cached_tokens` were not computed again, and `completion_tokens`; `requests` were begun and
    waited `queue_seconds` in all. `prefill_tokens_per_second` is the speed of batches that read
    prompts, `decode_tokens_per_second` that of batches that only write answers; 0 before the first.
    `cache_hits` counts how often one of the cached sequences was used. `steps` counts batches,
    `forced_tokens` tokens of answers that nothing was computed for, `accepted_tokens` those that
    came right of the `guessed_tokens`, which were computed ahead.
    """

    queue: int
    active: int
    slots: int
    batch_occupancy: float
    prompt_tokens: int
    cached_tokens: int
    completion_tokens: int
    requests: int
    queue_seconds: float
    prefill_tokens_per_second: float
    decode_tokens_per_second: float
    cache_bytes: int
    cache_entries: int
    cache_hits: int
    steps: int = 0
    forced_tokens: int = 0
    guessed_tokens: int = 0
    accepted_tokens: int = 0


class Health(EngineStatistics, frozen=True, kw_only=True):
    """Body of our engine's `GET /health`: what is loaded, and the statistics.

    `template` is how conversations are marked up: `own` is the one in the model's file. The warning
    says why another one is used; empty where there is nothing to say.
    """

    status: Literal["ok", "loading"]
    model: str
    context_length: int
    embedding_model: str | None
    template: str = ""
    template_warning: str = ""


class LoadedModels(Struct, frozen=True, kw_only=True):
    """The part of `GET /health` that is read even where statistics are missing, or are others."""

    model: str
    context_length: int
    embedding_model: str | None = None
    template: str = ""
    template_warning: str = ""
    queue: int = 0
    active: int = 0


class ModelMetadata(Struct, frozen=True):
    """A model's properties, as llama.cpp's server tells them."""

    n_ctx_train: int | None = None


class ModelEntry(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One entry of `GET /v1/models`.

    Our engine tells `context_length`, vLLM `max_model_len`, llama.cpp's server `meta`.
    """

    id: str
    context_length: int | None = None
    max_model_len: int | None = None
    meta: ModelMetadata | None = None

    @property
    def length(self) -> int | None:
        """Return the context length in tokens; None when the server does not tell."""
        trained = self.meta.n_ctx_train if self.meta else None
        return self.context_length or self.max_model_len or trained


class ErrorDetail(Struct, frozen=True, omit_defaults=True):
    """OpenAI's error object.

    The token counts come with `context_length_exceeded`, from llama.cpp's server as
    `n_prompt_tokens` and `n_ctx`. With `prompt_too_slow`, from our own engine, `prompt_tokens` are
    those that would have to be computed, and `tokens_in_time` those that can be.
    """

    message: str = ""
    type: str | None = None
    code: str | int | None = None
    prompt_tokens: int | None = None
    context_length: int | None = None
    n_prompt_tokens: int | None = None
    n_ctx: int | None = None
    tokens_in_time: int | None = None


class ErrorBody(Struct, frozen=True):
    """Body of every reply that is an error; some servers send only a text."""

    error: ErrorDetail | str


encode = msgspec.json.Encoder().encode
