"""Documents: whether the right paragraph is cited, what a long PDF takes, and what chat feels.

    python -m bench.documents --xquad FILE --pages 300

Each article of XQuAD becomes a document of each language, and each of its questions is asked in
that language: how often the paragraph that answers it is found first, among the first three, and of
some questions how often chat cites it first. `for nothing` is how often chat is told of anything:
with messages that need nothing, and with the same questions while their article is away. Before, a
PDF is made of the same texts and read, while chat is asked one question after the other, as it was
before that.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import io
import itertools
import json
import sys
import time
import tomllib
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple
from uuid import uuid4

import aiohttp
import msgspec
import psutil
from fpdf import FPDF

from bench.environment import Environment, describe
from bench.first_token import Target, ask_api
from bench.program import running
from bench.report import add_output, percentile, publish, table
from bench.retrieval import dataset
from tests.documents.support import read, search, show, upload
from tests.support.server import ALICE_KEY, BOB_KEY, Server

KEYS = {"de": ALICE_KEY, "en": BOB_KEY}
BEFORE = 12
PAUSE_S = 1.0
LIMIT_S = 1_800.0


class Cited(msgspec.Struct, frozen=True, kw_only=True):
    """Of one language: questions, and shares of them."""

    language: str
    paragraphs: int
    questions: int
    first: float
    among_three: float
    asked_in_chat: int
    cited_first: float
    cited: float
    for_nothing_messages: float
    for_nothing_questions: float


class Asked(NamedTuple):
    """A question, the article whose paragraph answers it, and that paragraph."""

    question: str
    article: str
    paragraph: str


class LongPdf(msgspec.Struct, frozen=True, kw_only=True):
    """One long PDF: seconds until it was found by words, and by meaning, and to first tokens."""

    pages: int
    passages: int
    text_s: float
    ready_s: float
    cpu_s: float
    before_s: list[float]
    meanwhile_s: list[float]


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that was measured."""

    environment: Environment
    cited: list[Cited]
    pdf: LongPdf | None


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="bench.documents", description=__doc__.partition("\n")[0])
    parser.add_argument("--xquad", type=Path, required=True, help="paragraphs as lines of JSON")
    parser.add_argument("--chat", type=int, default=60, help="questions of each language for chat")
    parser.add_argument("--pages", type=int, default=0, help="of the PDF; 0: none")
    add_output(parser)
    args = parser.parse_args(argv)
    rows = [json.loads(line) for line in args.xquad.read_text("utf-8").splitlines()]
    environment = describe()
    with running() as server:
        pdf = _read_pdf(server, rows, args.pages) if args.pages else None
        cited = [_ask(server, rows, language, args.chat) for language in KEYS if args.chat >= 0]
    result = Result(environment=environment, cited=cited, pdf=pdf)
    publish(result, _text(result), args.output)
    return 0


def _ask(server: Server, rows: Sequence[dict[str, Any]], language: str, in_chat: int) -> Cited:
    """Ask every question about documents in one language."""
    key = KEYS[language]
    print(f"documents in {language}", file=sys.stderr, flush=True)
    articles: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        articles[row["title"]].append(" ".join(row[language].split()))
    for title, paragraphs in articles.items():
        _add(server, title, paragraphs, key)
    asked = [
        Asked(question[language], row["title"], " ".join(row[language].split()))
        for row in rows
        for question in row["questions"]
    ]
    found = [search(server, each.question, key=key, limit=3) for each in asked]
    right = [
        [_holds(each.paragraph, passage["text"]) for passage in passages]
        for each, passages in zip(asked, found, strict=True)
    ]
    sample = asked[:: max(1, len(asked) // in_chat)][:in_chat] if in_chat else []
    cited = [_cited(server, each.question, each.paragraph, key) for each in sample]
    unrelated = _unrelated(language) if sample else []
    messages = [bool(_told(server, message, key)) for message in unrelated]
    away = _while_away(server, articles, sample, key)
    return Cited(
        language=language,
        paragraphs=len(rows),
        questions=len(asked),
        first=sum(each[0] for each in right) / len(right),
        among_three=sum(any(each) for each in right) / len(right),
        asked_in_chat=len(sample),
        cited_first=sum(bool(each and each[0]) for each in cited) / max(1, len(cited)),
        cited=sum(any(each) for each in cited) / max(1, len(cited)),
        for_nothing_messages=sum(messages) / max(1, len(messages)),
        for_nothing_questions=sum(away) / max(1, len(away)),
    )


def _add(server: Server, title: str, paragraphs: Sequence[str], key: str) -> str:
    """Have an article read, and return the id of its document."""
    name = f"{title.replace('_', ' ')}.txt"
    document = read(server, name, "\n\n".join(paragraphs).encode(), key=key)
    assert document["state"] == "ready", document
    return str(document["id"])


def _unrelated(language: str) -> list[str]:
    """Return messages that no document helps with."""
    path = dataset.FOLDER / "unrelated.toml"
    messages: list[str] = tomllib.loads(path.read_text(encoding="utf-8"))[language]
    return messages


def _while_away(
    server: Server, articles: dict[str, list[str]], sample: Sequence[Asked], key: str
) -> list[bool]:
    """Return of each question whether chat is told of any passage while its article is away."""
    told = []
    for title, questions in itertools.groupby(sample, key=lambda each: each.article):
        # The same bytes are one document: this finds the one that is there.
        document = _add(server, title, articles[title], key)
        server.request("DELETE", f"/v1/documents/{document}", key=key)
        told += [bool(_told(server, each.question, key)) for each in questions]
        _add(server, title, articles[title], key)
    return told


def _cited(server: Server, question: str, paragraph: str, key: str) -> list[bool]:
    """Return of each passage that chat was told of whether it answers the question."""
    shown = []
    for used in _told(server, question, key):
        path = f"/v1/documents/{used['document_id']}/passages"
        passages = server.request("GET", path, key=key, params={"limit": 500}).json()
        text = next(each["text"] for each in passages if each["id"] == used["id"])
        shown.append(_holds(paragraph, text))
    return shown


def _told(server: Server, message: str, key: str) -> list[dict[str, Any]]:
    """Return the passages that chat is told of."""
    answer = server.chat(message, key=key, max_tokens=1, learn=False, commands=False).json()
    passages: list[dict[str, Any]] = answer.get("passages", [])
    return passages


def _holds(paragraph: str, passage: str) -> bool:
    text = " ".join(passage.split())
    return text in paragraph or paragraph in text


def _read_pdf(server: Server, rows: Sequence[dict[str, Any]], pages: int) -> LongPdf:
    data = _make_pdf(rows, pages)
    before = asyncio.run(_first_tokens(server, count=BEFORE))
    print(f"first tokens before: {before}", file=sys.stderr, flush=True)
    started, cpu = time.monotonic(), _cpu_seconds(server)
    document = upload(server, "long.pdf", data)["id"]
    text_s = 0.0

    def ready() -> bool:
        nonlocal text_s
        shown = show(server, document)
        assert shown["state"] != "failed", shown
        if shown["passages"] and not text_s:
            text_s = time.monotonic() - started
        return bool(shown["state"] == "ready")

    alone_until = started + LIMIT_S
    while not ready():
        assert time.monotonic() < alone_until, "it is not read in time"
        time.sleep(0.2)
    ready_s = time.monotonic() - started
    cpu_s = _cpu_seconds(server) - cpu
    print(f"read after {ready_s:.1f} s, {cpu_s:.1f} s of a processor", file=sys.stderr, flush=True)
    server.request("DELETE", f"/v1/documents/{document}")
    again = upload(server, "long.pdf", data)["id"]
    meanwhile = asyncio.run(
        _first_tokens(server, until=lambda: show(server, again)["state"] == "ready")
    )
    shown = show(server, again)
    server.request("DELETE", f"/v1/documents/{again}")
    return LongPdf(
        pages=shown["pages"],
        passages=shown["passages"],
        text_s=text_s,
        ready_s=ready_s,
        cpu_s=cpu_s,
        before_s=before,
        meanwhile_s=meanwhile,
    )


def _cpu_seconds(server: Server) -> float:
    """Return what all processes of the server have computed: a busy machine changes it little."""
    total = 0.0
    for pid in server.descendants():
        with contextlib.suppress(psutil.Error):
            times = psutil.Process(pid).cpu_times()
            total += times.user + times.system + times.children_user + times.children_system
    return total


async def _first_tokens(server: Server, *, count: int = 0, until: Any = None) -> list[float]:
    """Return the time to the first token of answers, one after the other, without documents."""
    headers = {"Authorization": f"Bearer {BOB_KEY}", "Content-Type": "application/json"}
    times: list[float] = []
    async with aiohttp.ClientSession() as session:
        target = Target(session=session, url=f"{server.url}/v1/chat/stream", headers=headers)
        for number in itertools.count():
            if number >= count if until is None else await asyncio.to_thread(until):
                return times
            question = f"Tell me something about the number {number}, please."
            body = {
                "message": question,
                "conversation_id": f"bench-{uuid4()}",
                "max_tokens": 24,
                "learn": False,
                "commands": False,
            }
            times.append((await ask_api(target, msgspec.json.encode(body))).seconds)
            await asyncio.sleep(PAUSE_S)
    return times


def _make_pdf(rows: Sequence[dict[str, Any]], pages: int) -> bytes:
    document = FPDF(format="A4")
    document.set_font("Helvetica", size=11)
    texts = itertools.cycle(row[code] for row in rows for code in KEYS)
    while document.pages_count < pages:
        document.add_page()
        document.set_font("Helvetica", style="B", size=16)
        document.multi_cell(0, 9, f"Section {document.pages_count}")
        document.ln(3)
        document.set_font("Helvetica", size=11)
        for _ in range(4):
            text = next(texts).encode("cp1252", "replace").decode("cp1252")
            document.multi_cell(0, 5.5, text[:900].encode("latin-1", "replace").decode("latin-1"))
            document.ln(4)
    out = io.BytesIO()
    document.output(out)
    return out.getvalue()


def _text(result: Result) -> str:
    parts = (
        []
        if not result.cited
        else [
            table(
                [
                    "language",
                    "questions",
                    "first",
                    "of three",
                    "in chat",
                    "cited first",
                    "cited",
                    "for nothing: messages",
                    "questions",
                ],
                [
                    [
                        c.language,
                        c.questions,
                        c.first,
                        c.among_three,
                        c.asked_in_chat,
                        c.cited_first,
                        c.cited,
                        c.for_nothing_messages,
                        c.for_nothing_questions,
                    ]
                    for c in result.cited
                ],
            )
        ]
    )
    if result.pdf is not None:
        pdf = result.pdf
        before, meanwhile = percentile(pdf.before_s, 0.5), percentile(pdf.meanwhile_s, 0.5)
        parts.append(
            table(
                [
                    "pages",
                    "passages",
                    "text s",
                    "ready s",
                    "cpu s",
                    "first token before",
                    "meanwhile",
                    "ratio",
                ],
                [
                    [
                        pdf.pages,
                        pdf.passages,
                        pdf.text_s,
                        pdf.ready_s,
                        pdf.cpu_s,
                        before,
                        meanwhile,
                        meanwhile / before,
                    ]
                ],
            )
        )
    return "\n\n".join(parts)


if __name__ == "__main__":
    sys.exit(main())
