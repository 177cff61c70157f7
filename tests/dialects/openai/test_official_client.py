"""OpenAI's own client, unmodified, with our base URL and key."""

from __future__ import annotations

import json
import math
import operator
from typing import Any

import openai
import pytest

from tests.support.long_answers import LONG, MANY
from tests.support.patience import PATIENCE_S
from tests.support.server import ALICE_KEY, Server, wait_until

MODEL = "smollm2-135m-instruct"
QUESTION: list[openai.types.chat.ChatCompletionMessageParam] = [
    {"role": "system", "content": "Answer briefly."},
    {"role": "user", "content": "What is the capital of France?"},
]


@pytest.fixture
def client(server: Server) -> openai.OpenAI:
    return openai.OpenAI(base_url=f"{server.url}/v1", api_key=ALICE_KEY, max_retries=0, timeout=60)


def test_a_completion(client: openai.OpenAI) -> None:
    answer = client.chat.completions.create(
        model=MODEL, messages=QUESTION, max_tokens=20, temperature=0, user="somebody"
    )
    assert answer.choices[0].message.content
    assert answer.choices[0].finish_reason in ("stop", "length")
    assert answer.model == MODEL
    assert answer.usage is not None
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens


def test_a_stream_adds_up_to_the_same(client: openai.OpenAI) -> None:
    whole = client.chat.completions.create(
        model=MODEL, messages=QUESTION, max_tokens=20, temperature=0
    )
    stream = client.chat.completions.create(
        model=MODEL,
        messages=QUESTION,
        max_completion_tokens=20,
        temperature=0,
        stream=True,
        stream_options={"include_usage": True},
    )
    chunks = list(stream)
    pieces = [chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices]
    assert "".join(pieces) == whole.choices[0].message.content
    assert chunks[0].choices[0].delta.role == "assistant"
    assert len(pieces) > 3
    assert chunks[-2].choices[0].finish_reason == whole.choices[0].finish_reason
    assert chunks[-1].usage is not None
    assert chunks[-1].usage.prompt_tokens == (whole.usage and whole.usage.prompt_tokens)


def test_what_was_computed_is_used_again(client: openai.OpenAI) -> None:
    text = "The house by the lake has a red door. " * 20
    for _ in range(2):
        answer = client.chat.completions.create(
            model=MODEL, messages=[{"role": "user", "content": text}], max_tokens=2
        )
    assert answer.usage is not None
    details = answer.usage.prompt_tokens_details
    assert details is not None
    assert (details.cached_tokens or 0) > 150


def test_an_answer_follows_its_schema(client: openai.OpenAI) -> None:
    schema = {
        "type": "object",
        "properties": {"city": {"type": "string", "maxLength": 30}, "people": {"type": "integer"}},
        "required": ["city", "people"],
        "additionalProperties": False,
    }
    answer = client.chat.completions.create(
        model=MODEL,
        messages=QUESTION,
        max_tokens=80,
        temperature=0,
        response_format={
            "type": "json_schema",
            "json_schema": {"name": "city", "schema": schema, "strict": True},
        },
    )
    city = json.loads(answer.choices[0].message.content or "")
    assert city.keys() == {"city", "people"}
    assert isinstance(city["people"], int)


def test_parts_and_the_newer_role(client: openai.OpenAI) -> None:
    answer = client.chat.completions.create(
        model=MODEL,
        messages=[
            {"role": "developer", "content": "Answer briefly."},
            {"role": "user", "content": [{"type": "text", "text": "Say hello."}]},
        ],
        max_tokens=5,
        stop=["\n"],
        seed=1,
    )
    assert answer.choices[0].message.content


def test_embeddings(client: openai.OpenAI) -> None:
    """The client asks for base64 by itself."""
    plain = client.embeddings.create(
        model="all-minilm-l6-v2", input=["a cat", "a kitten"], encoding_format="float"
    )
    packed = client.embeddings.create(model="all-minilm-l6-v2", input=["a cat", "a kitten"])
    assert [row.index for row in packed.data] == [0, 1]
    assert packed.data[0].embedding == pytest.approx(plain.data[0].embedding, abs=1e-6)
    assert len(packed.data[0].embedding) == 384
    assert math.hypot(*packed.data[0].embedding) == pytest.approx(1, abs=1e-4)
    assert packed.usage.prompt_tokens > 0


@pytest.mark.parametrize(
    "name", ["text-embedding-3-small", "text-embedding-3-large", "text-embedding-ada-002"]
)
def test_openais_own_names_are_taken_for_the_embedding_model(
    client: openai.OpenAI, name: str
) -> None:
    answer = client.embeddings.create(model=name, input="a cat")
    assert answer.model == "all-minilm-l6-v2"
    assert len(answer.data[0].embedding) == 384


@pytest.mark.parametrize("name", ["gpt-4o-mini", "gpt-3.5-turbo", "gpt-5"])
def test_openais_own_names_are_taken_for_the_model_in_use(client: openai.OpenAI, name: str) -> None:
    answer = client.chat.completions.create(model=name, messages=QUESTION, max_tokens=2)
    assert answer.model == MODEL
    assert client.models.retrieve(name).id == name


def test_fewer_dimensions(client: openai.OpenAI) -> None:
    whole = client.embeddings.create(model="all-minilm-l6-v2", input="a cat").data[0].embedding
    short = client.embeddings.create(model="all-minilm-l6-v2", input="a cat", dimensions=64)
    embedding = short.data[0].embedding
    assert len(embedding) == 64
    assert math.hypot(*embedding) == pytest.approx(1, abs=1e-4)
    assert cosine(embedding, whole[:64]) == pytest.approx(math.hypot(*whole[:64]), abs=1e-4)


def test_what_embeddings_cannot_be_is_said(client: openai.OpenAI) -> None:
    def refused(**fields: Any) -> str:
        with pytest.raises(openai.UnprocessableEntityError) as caught:
            client.embeddings.create(model="text-embedding-3-small", **fields)
        assert isinstance(caught.value.body, dict)
        return str(caught.value.body["message"])

    assert "dimensions: must be at most 384" in refused(input="a cat", dimensions=1536)
    for tokens in ([3923, 374], [[3923, 374], [128]], [5] * 600):
        assert refused(input=tokens).startswith("input: must be text: numbers of tokens")


def test_what_is_not_told_is_said(client: openai.OpenAI) -> None:
    def refused(**fields: Any) -> str:
        with pytest.raises(openai.UnprocessableEntityError) as caught:
            client.chat.completions.create(model=MODEL, messages=QUESTION, **fields)
        assert isinstance(caught.value.body, dict)
        return str(caught.value.body["message"])

    probabilities = "is not supported: no probabilities of tokens are told"
    assert refused(logprobs=True) == f"logprobs: {probabilities}"
    assert refused(top_logprobs=2) == f"top_logprobs: {probabilities}"
    assert refused(n=2) == "n: must be 1: a request gets one answer"
    plain = client.chat.completions.create(
        model=MODEL, messages=QUESTION, max_tokens=2, logprobs=False, n=1, tool_choice="auto"
    )
    assert plain.choices[0].logprobs is None


def cosine(one: list[float], other: list[float]) -> float:
    return math.fsum(map(operator.mul, one, other))


def test_a_multilingual_model_is_there_too(client: openai.OpenAI) -> None:
    texts = ["The cat sleeps", "Die Katze schläft", "Stocks fell sharply"]
    answer = client.embeddings.create(model="use-multilingual", input=texts)
    english, german, other = (row.embedding for row in answer.data)
    assert len(english) == 512
    assert cosine(english, german) > 0.7 > cosine(english, other) + 0.2


def test_another_name_is_not_taken(client: openai.OpenAI) -> None:
    with pytest.raises(openai.UnprocessableEntityError):
        client.embeddings.create(model="text-embedding-4", input="a cat")


def test_models(client: openai.OpenAI) -> None:
    assert [model.id for model in client.models.list()] == [
        MODEL,
        "all-minilm-l6-v2",
        "use-multilingual",
    ]
    assert client.models.retrieve(MODEL).id == MODEL
    with pytest.raises(openai.NotFoundError):
        client.models.retrieve("no-such-model")


def test_errors_are_those_the_client_knows(server: Server, client: openai.OpenAI) -> None:
    def refused(**change: Any) -> str:
        asked = {"model": MODEL, "messages": QUESTION, **change}
        with pytest.raises(openai.UnprocessableEntityError) as caught:
            client.chat.completions.create(**asked)
        assert isinstance(caught.value.body, dict)
        return str(caught.value.body["details"]["fields"][0]["field"])

    assert refused(model="no-such-model") == "model"
    assert refused(tools=[{"type": "function", "function": {"name": "no spaces"}}]).startswith(
        "tools"
    )
    assert refused(messages=[{"role": "user", "content": "word " * 20_000}]) == "messages"
    stranger = openai.OpenAI(base_url=f"{server.url}/v1", api_key="sk-wrong", max_retries=0)
    with pytest.raises(openai.AuthenticationError):
        stranger.models.list()


def test_the_answer_that_somebody_leaves_is_stopped(server: Server, client: openai.OpenAI) -> None:
    before = server.engine_health()["completion_tokens"]
    stream = client.chat.completions.create(
        model=MODEL,
        messages=[{"role": "user", "content": "Is it so?"}],
        max_tokens=LONG,
        response_format={"type": "json_schema", "json_schema": {"name": "many", "schema": MANY}},
        stream=True,
    )
    assert any(chunk.choices[0].delta.content for chunk in stream)
    stream.close()
    wait_until(lambda: server.engine_health()["active"] == 0, PATIENCE_S, "the end of the answer")
    assert 0 < server.engine_health()["completion_tokens"] - before < LONG
