"""What it costs to write a prompt with the template of a model's own file.

python -m bench.chat_templates --rounds 30

For each template of published models: milliseconds of processor time to compile it and find out
what it knows, once at the engine's start, and to write a conversation of 20 turns, with 12 tools
and without. Beside it the same text written by jinja2's sandbox as it comes, with no budget and no
marks. In pairs, each round in another order; medians, and the median of the pairs' ratios.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
from jinja2.ext import LoopControlExtension
from jinja2.sandbox import ImmutableSandboxedEnvironment

from bench.environment import ROOT, describe
from pisovereign.engine.templates.adaptation import adapt, plain_tool
from pisovereign.engine.templates.choosing import own_template
from pisovereign.engine.templates.own import OwnTemplate
from pisovereign.engine.templates.sources import TemplateSources
from pisovereign.engine.templates.special_texts import SpecialTexts
from pisovereign.engine_client.types import FunctionSpec, Message, Tool

_FOLDER = ROOT / "tests" / "engine" / "templates" / "data"
_MARKS = re.compile(r"<\|[a-z_]+\|?>|<[a-z_]+\|>|\[/?[A-Z_]+\]|</?s>|</?(?:think|tool_\w+)>")
_PARTS = ("<|system|>", "<|user|>", "<|assistant|>", "<s>", "</s>")
_SENTENCE = "What is on the list for tomorrow, and does it rain in the afternoon? "


def main() -> None:
    """Measure, and print or write the result as JSON."""
    parser = argparse.ArgumentParser(description="Measure the templates of published models.")
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--folder", type=Path, default=_FOLDER, help="with files *.jinja")
    parser.add_argument("--output", type=Path)
    args = parser.parse_args()
    environment = msgspec.to_builtins(describe())
    results = {
        path.stem: measure(path, args.rounds) for path in sorted(args.folder.glob("*.jinja"))
    }
    for name, result in results.items():
        print(f"{name:14}", *(f"{key} {value:.2f}" for key, value in result.items()))
    if args.output:
        args.output.write_text(json.dumps({"environment": environment, "results": results}))


def measure(path: Path, rounds: int) -> dict[str, float]:
    """Return milliseconds of processor time, and a ratio, for one template."""
    source = path.read_text("utf-8")
    marks = {*_MARKS.findall(source), *_PARTS}
    vocabulary = SpecialTexts(dict.fromkeys(marks, 1), bos="<s>", eos="</s>")
    load = _milliseconds(lambda: own_template(vocabulary, TemplateSources(source)))
    template = own_template(vocabulary, TemplateSources(source))
    assert isinstance(template, OwnTemplate)
    bare = _bare(source, template, _conversation(), _tools())
    loops: dict[str, Callable[[], object]] = {
        "plain": lambda: template.render(_conversation()),
        "tools": lambda: template.render(_conversation(), _tools()),
        "bare": bare,
    }
    times: dict[str, list[float]] = {name: [] for name in loops}
    for _ in range(rounds):
        for name in random.sample(sorted(loops), len(loops)):
            times[name].append(_milliseconds(loops[name]))
    pairs = zip(times["tools"], times["bare"], strict=True)
    medians = {name: statistics.median(values) for name, values in times.items()}
    return {"load": load, **medians, "ratio": statistics.median(a / b for a, b in pairs)}


def _bare(
    source: str, template: OwnTemplate, messages: list[Message], tools: list[Tool]
) -> Callable[[], object]:
    """Return what writes the same with jinja2 alone."""
    environment = ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=[LoopControlExtension]
    )
    environment.filters["tojson"] = lambda value, **options: json.dumps(
        value, **{"ensure_ascii": False, **options}
    )
    environment.globals["raise_exception"] = _raise
    environment.globals["strftime_now"] = str
    compiled = environment.from_string(source)
    known = template.adaptation
    variables: dict[str, Any] = {
        "tools": [plain_tool(tool) for tool in tools] if known.tools else None,
        "add_generation_prompt": True,
        "bos_token": "<s>",
        "eos_token": "</s>",
        "enable_thinking": False,
    }

    def run() -> object:
        adapted = adapt(messages, tools, known, template.call_format, str.format)
        return compiled.render(messages=adapted, **variables)

    return run


def _raise(message: str) -> None:
    raise ValueError(message)


def _conversation() -> list[Message]:
    turns = [Message("system", _SENTENCE * 12)]
    for number in range(20):
        turns.append(Message("user", f"{number}. {_SENTENCE}"))
        turns.append(Message("assistant", _SENTENCE * 4))
    return [*turns, Message("user", _SENTENCE)]


def _tools() -> list[Tool]:
    properties = {
        name: {"type": "string", "description": f"The {name} of the thing, as people say it."}
        for name in ("title", "start", "end", "place")
    }
    schema = {"type": "object", "properties": properties, "required": ["title", "start"]}
    return [Tool(FunctionSpec(f"do_thing_{n}", _SENTENCE, schema)) for n in range(12)]


def _milliseconds(run: Callable[[], object]) -> float:
    start = time.process_time()
    run()
    return 1000 * (time.process_time() - start)


if __name__ == "__main__":
    main()
