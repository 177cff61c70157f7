"""Ollama's own client, unmodified, with our address and key."""

from __future__ import annotations

import asyncio
import json
import math
from typing import Any

import ollama
import openai
import pytest

from tests.support.long_answers import LONG, MANY
from tests.support.patience import PATIENCE_S
from tests.support.server import ADMIN_KEY, ALICE_KEY, BOB_KEY, Server, wait_until

MODEL = "smollm2-135m-instruct"
QUESTION = [
    {"role": "system", "content": "Answer briefly."},
    {"role": "user", "content": "What is the capital of France?"},
]
EXACT = {"temperature": 0, "num_predict": 20, "num_ctx": 8192}


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


@pytest.fixture
def client(server: Server) -> ollama.Client:
    return ollama.Client(host=server.url, headers=bearer(ALICE_KEY), timeout=60)


def test_a_chat(client: ollama.Client) -> None:
    answer = client.chat(model=MODEL, messages=QUESTION, options=EXACT, keep_alive="5m")
    assert answer.message.content
    assert answer.message.role == "assistant"
    assert answer.message.tool_calls is None
    assert answer.done is True
    assert answer.done_reason in ("stop", "length")
    assert answer.model == MODEL
    counts = (answer.prompt_eval_count, answer.eval_count, answer.total_duration)
    assert all(count and count > 0 for count in counts)
    durations = (answer.prompt_eval_duration or 0) + (answer.eval_duration or 0)
    assert durations == answer.total_duration


def test_a_stream_adds_up_to_the_same(client: ollama.Client) -> None:
    whole = client.chat(model=MODEL, messages=QUESTION, options=EXACT)
    lines = list(
        client.chat(model=f"{MODEL}:latest", messages=QUESTION, options=EXACT, stream=True)
    )
    assert "".join(line.message.content or "" for line in lines) == whole.message.content
    assert len(lines) > 3
    assert [line.done for line in lines] == [False] * (len(lines) - 1) + [True]
    assert lines[-1].message.content == ""
    assert lines[-1].done_reason == whole.done_reason
    assert lines[-1].eval_count == whole.eval_count
    assert {line.model for line in lines} == {f"{MODEL}:latest"}


def test_asynchronously(server: Server) -> None:
    async def ask() -> tuple[str, str]:
        client = ollama.AsyncClient(host=server.url, headers=bearer(ALICE_KEY), timeout=60)
        whole = await client.chat(model=MODEL, messages=QUESTION, options=EXACT)
        stream = await client.chat(model=MODEL, messages=QUESTION, options=EXACT, stream=True)
        pieces = [line.message.content or "" async for line in stream]
        listed = await client.list()
        assert listed.models[0].model == f"{MODEL}:latest"
        return whole.message.content or "", "".join(pieces)

    whole, streamed = asyncio.run(ask())
    assert whole == streamed != ""


def test_options_are_kept_to(client: ollama.Client) -> None:
    def said(**options: Any) -> str:
        answer = client.generate(model=MODEL, prompt="Count: 1 2 3", options=options)
        return answer.response or ""

    short = client.generate(model=MODEL, prompt="Tell a story.", options=EXACT | {"num_predict": 3})
    assert (short.eval_count, short.done_reason) == (3, "length")
    seeded = {"temperature": 1.5, "top_k": 50, "top_p": 0.95, "min_p": 0.01, "num_predict": 12}
    assert said(seed=4, **seeded) == said(seed=4, **seeded)
    assert said(seed=4, **seeded) != said(seed=5, **seeded)
    stopped = said(temperature=0, num_predict=20, stop=[" "], repeat_penalty=1.1)
    assert " " not in stopped


def test_an_answer_follows_its_schema(client: ollama.Client) -> None:
    schema = {
        "type": "object",
        "properties": {"city": {"type": "string", "maxLength": 30}, "people": {"type": "integer"}},
        "required": ["city", "people"],
    }
    options = {"temperature": 0, "num_predict": 80}
    answer = client.chat(model=MODEL, messages=QUESTION, format=schema, options=options)
    city = json.loads(answer.message.content or "")
    assert {"city", "people"} <= city.keys()
    assert isinstance(city["people"], int)
    anything = client.generate(model=MODEL, prompt="A city as JSON", format="json", options=options)
    assert (anything.response or "").lstrip().startswith("{")


def test_a_text_with_a_system_text_and_none(client: ollama.Client) -> None:
    options = {"temperature": 0, "num_predict": 10}
    plain = client.generate(model=MODEL, prompt="What are you?", options=options)
    told = client.generate(
        model=MODEL, prompt="What are you?", system="You are a fish.", options=options
    )
    assert plain.response != told.response
    assert told.prompt_eval_count != plain.prompt_eval_count
    streamed = client.generate(model=MODEL, prompt="What are you?", options=options, stream=True)
    assert "".join(line.response or "" for line in streamed) == plain.response


def test_nothing_is_asked(client: ollama.Client) -> None:
    """That is how programs load a model, or want it out of memory."""
    assert client.chat(model=MODEL).done_reason == "load"
    assert client.generate(model=MODEL, keep_alive=0).done_reason == "unload"


def test_embeddings(server: Server, client: ollama.Client) -> None:
    official = openai.OpenAI(base_url=f"{server.url}/v1", api_key=ALICE_KEY, max_retries=0)
    theirs = official.embeddings.create(model="all-minilm-l6-v2", input=["a cat", "a kitten"])
    for name in ("all-minilm-l6-v2", "all-minilm-l6-v2:latest", "all-minilm"):
        ours = client.embed(model=name, input=["a cat", "a kitten"])
        for row, other in zip(ours.embeddings, theirs.data, strict=True):
            assert row == pytest.approx(other.embedding, abs=1e-6)
    assert ours.prompt_eval_count == theirs.usage.prompt_tokens
    one = client.embeddings(model="all-minilm", prompt="a cat")
    # Texts that are embedded together are rounded together.
    alone = official.embeddings.create(model="all-minilm-l6-v2", input="a cat")
    assert one.embedding == pytest.approx(alone.data[0].embedding, abs=1e-6)
    short = client.embed(model="all-minilm", input="a cat", dimensions=64).embeddings[0]
    assert len(short) == 64
    assert math.hypot(*short) == pytest.approx(1, abs=1e-4)
    assert list(client.embed(model="all-minilm", input=[]).embeddings) == []
    assert list(client.embed(model="all-minilm", input=["", "a cat"]).embeddings[0]) == []


def test_models(client: ollama.Client) -> None:
    models = client.list().models
    assert [model.model for model in models] == [
        f"{MODEL}:latest",
        "all-minilm-l6-v2:latest",
        "use-multilingual:latest",
    ]
    for model in models:
        assert model.size
        assert len(model.digest or "") == 64
        assert model.modified_at is not None
        assert model.details is not None
    (running,) = client.ps().models
    assert running.model == f"{MODEL}:latest"
    assert running.context_length == 8192
    shown = client.show(f"{MODEL}:latest")
    assert shown.details is not None
    assert shown.details.family == "smollm2"
    assert shown.capabilities == ["completion", "tools"]
    assert (shown.modelinfo or {})["smollm2.context_length"] == 8192
    assert client.show("all-minilm").capabilities == ["embedding"]


def test_errors_are_a_text(server: Server, client: ollama.Client) -> None:
    def refused(call: Any, *args: Any, **fields: Any) -> tuple[int, str]:
        with pytest.raises(ollama.ResponseError) as caught:
            call(*args, **fields)
        assert isinstance(caught.value.error, str)
        return caught.value.status_code, caught.value.error

    status, text = refused(client.chat, model="llama3.2", messages=QUESTION)
    assert (status, "llama3.2" in text, MODEL in text) == (404, True, True)
    assert refused(client.show, "llama3.2")[0] == 404
    assert refused(client.embed, model=MODEL, input="x")[0] == 404
    hot = {"temperature": 3}
    status, text = refused(client.chat, model=MODEL, messages=QUESTION, options=hot)
    assert status == 400
    assert text.startswith("options.temperature: ")
    picture = [{"role": "user", "content": "What is it?", "images": [b"\x89PNG"]}]
    status, text = refused(client.chat, model=MODEL, messages=picture)
    assert (status, text) == (400, "messages[0].images: are not understood: only text is")
    long = [{"role": "user", "content": "word " * 20_000}]
    assert refused(client.chat, model=MODEL, messages=long)[0] == 400
    bad = {"type": "nothing"}
    status, text = refused(client.generate, model=MODEL, prompt="x", format=bad)
    assert status == 400
    assert text.startswith("format")
    stranger = ollama.Client(host=server.url, headers=bearer("sk-wrong"), timeout=60)
    assert refused(stranger.list)[0] == 401
    status, text = refused(client.pull, "smollm2-135m-instruct")
    assert (status, "admin" in text) == (403, True)
    assert refused(client.delete, MODEL)[0] == 404


def test_an_error_comes_before_a_stream_as_well(client: ollama.Client) -> None:
    with pytest.raises(ollama.ResponseError) as caught:
        list(client.chat(model="llama3.2", messages=QUESTION, stream=True))
    assert caught.value.status_code == 404


def test_what_is_there_is_pulled_at_once(server: Server) -> None:
    owner = ollama.Client(host=server.url, headers=bearer(ADMIN_KEY), timeout=60)
    assert owner.pull(MODEL).status == "success"
    told = [line.status for line in owner.pull(f"{MODEL}:latest", stream=True)]
    assert told == ["pulling manifest", "success"]
    with pytest.raises(ollama.ResponseError, match="not in the catalog"):
        owner.pull("llama3.2")


def test_everybody_has_a_key_of_their_own(server: Server) -> None:
    other = ollama.Client(host=server.url, headers=bearer(BOB_KEY), timeout=60)
    assert other.chat(model=MODEL, messages=QUESTION, options=EXACT).message.content


def test_the_oldest_turns_are_left_out_where_all_do_not_fit(client: ollama.Client) -> None:
    long = "The house by the lake has a red door. " * 250
    turns = [
        message
        for number in range(8)
        for message in (
            {"role": "user", "content": long if number < 4 else f"And {number}?"},
            {"role": "assistant", "content": "Yes."},
        )
    ]
    options = {"num_predict": 2}
    answer = client.chat(model=MODEL, messages=[QUESTION[0], *turns, QUESTION[1]], options=options)
    kept = [QUESTION[0], *turns[8:], QUESTION[1]]
    same = client.chat(model=MODEL, messages=kept, options=options)
    assert answer.prompt_eval_count == same.prompt_eval_count


def test_the_answer_that_somebody_leaves_is_stopped(server: Server, client: ollama.Client) -> None:
    before = server.engine_health()["completion_tokens"]
    stream = client.chat(
        model=MODEL,
        messages=[{"role": "user", "content": "Is it so?"}],
        format=MANY,
        options={"num_predict": LONG},
        stream=True,
    )
    assert next(iter(stream)).message.content
    stream.close()  # type: ignore[attr-defined]
    wait_until(lambda: server.engine_health()["active"] == 0, PATIENCE_S, "the end of the answer")
    assert 0 < server.engine_health()["completion_tokens"] - before < LONG
