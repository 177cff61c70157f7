"""Settings of `inference`: which model answers."""

from __future__ import annotations

from typing import Annotated

import msgspec

from pisovereign.config import rules
from pisovereign.config.rules import setting


class InferenceConfig(msgspec.Struct, frozen=True, kw_only=True):
    """Which model answers, and where it runs."""

    base_url: Annotated[
        str,
        setting(
            "An OpenAI-compatible server to use instead of the built-in engine, such as "
            "http://127.0.0.1:8080/v1.",
            rules.server_if_any,
        ),
    ] = ""
    api_key: Annotated[str, setting("The API key of that server.", secret=True)] = ""
    model: Annotated[str, setting("The chat model.", min_length=1, max_length=200)] = (
        "smollm2-135m-instruct"
    )
    aliases: Annotated[
        tuple[str, ...],
        setting(
            "Names that OpenAI's API takes for the model in use, as programs often cannot name "
            "another; `*` stands for any rest of a name.",
            rules.model_names,
            max_length=100,
        ),
    ] = ("gpt-3.5*", "gpt-4*", "gpt-5*", "o1*", "o3*", "o4*")
    fetch_recommended: Annotated[
        bool,
        setting(
            "Where no model is named, fetch the one recommended for this device in the background, "
            "and offer it."
        ),
    ] = True
    context_length: Annotated[
        int,
        setting(
            "Context length of that server's model, in tokens; 0: ask the server.", ge=0, le=1 << 20
        ),
    ] = 0
    temperature: Annotated[
        float,
        setting(
            "Default sampling temperature; small models are more accurate at low temperatures.",
            ge=0.0,
            le=2.0,
        ),
    ] = 0.2
    top_p: Annotated[float, setting("Default nucleus sampling mass.", ge=0.0, le=1.0)] = 0.9
    max_tokens: Annotated[
        int, setting("Default maximum length of an answer, in tokens.", ge=1, le=8192)
    ] = 2048
    max_answer_s: Annotated[
        float,
        setting(
            "So long an answer in chat is written at most, in seconds, where the request does not "
            "say how long it may be; it ends with a sentence.",
            ge=1,
            le=3600,
        ),
    ] = 90.0
    max_prompt_s: Annotated[
        float,
        setting(
            "So long a prompt in chat is read at most, in seconds at this board's measured speed: "
            "what is new of it and takes longer is left out, the least relevant first, and the "
            "answer says so.",
            ge=1,
            le=3600,
        ),
    ] = 120.0
    self_test: Annotated[
        bool,
        setting(
            "Test each model once, in the background: one that was not tested only talks, and is "
            "given no tools."
        ),
    ] = True
    timeout_s: Annotated[
        float, setting("Longest wait for the next part of an answer, in seconds.", ge=1, le=3600)
    ] = 60.0
