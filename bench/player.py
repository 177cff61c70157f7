"""Plays a dialogue to a chat server, in a process of its own.

`python -m bench.player` reads a `Dialogue` from stdin and writes its `Phases` to stdout, both JSON;
`play` does that from another process. The same client speaks to every server, so that what it costs
itself is the same for all of them.
"""

from __future__ import annotations

import asyncio
import gc
import itertools
import secrets
import subprocess
import sys
from collections import defaultdict
from typing import Any

import aiohttp
import msgspec

from bench.dialogue import Dialogue, Heard, Phases, Say, Target
from bench.openloop import precise_loop

ANSWER_LIMIT_S = 300.0
_ID_LENGTH = 16


class Delta(msgspec.Struct):
    """Of OpenAI's chunks only what is needed."""

    content: str | None = None


class Choice(msgspec.Struct):
    """One of a chunk's answers; there is only one."""

    delta: Delta


class Details(msgspec.Struct):
    """What the prompt's tokens were."""

    cached_tokens: int = 0


class Usage(msgspec.Struct):
    """Counts as OpenAI names them."""

    prompt_tokens: int = 0
    completion_tokens: int = 0
    prompt_tokens_details: Details | None = None


class Tokens(msgspec.Struct):
    """Counts as PiSovereign names them."""

    prompt: int = 0
    completion: int = 0
    cached: int = 0


class Piece(msgspec.Struct):
    """An event's data in either dialect."""

    delta: str = ""
    tokens: Tokens | None = None
    choices: list[Choice] = []
    usage: Usage | None = None

    @property
    def text(self) -> str:
        """New text of the answer."""
        return self.delta or "".join(choice.delta.content or "" for choice in self.choices)


class Listener:
    """Takes one answer in and keeps the times."""

    def __init__(self, due: float) -> None:
        self._due = due
        self._times: list[float] = []
        self._counts = Tokens()
        self.texts: list[str] = []
        self._decoder = msgspec.json.Decoder(Piece)

    def take(self, line: bytes, now: float) -> None:
        """Return a line of the event stream, and when it came."""
        if not line.startswith(b"data: {"):
            return
        piece = self._decoder.decode(line[6:])
        if text := piece.text:
            self._times.append(now)
            self.texts.append(text)
        if piece.tokens is not None:
            self._counts = piece.tokens
        elif (usage := piece.usage) is not None:
            details = usage.prompt_tokens_details or Details()
            self._counts = Tokens(
                usage.prompt_tokens, usage.completion_tokens, details.cached_tokens
            )

    def heard(self, start: float, end: float, problem: str) -> Heard:
        """All that is known at the end."""
        times, counts = self._times, self._counts
        return Heard(
            due_s=self._due - start,
            first_s=times[0] - self._due if times else 0.0,
            end_s=end - self._due,
            gaps_s=[b - a for a, b in itertools.pairwise(times)],
            tokens=counts.completion,
            prompt_tokens=counts.prompt,
            cached_tokens=counts.cached,
            problem=problem,
        )


class Player:
    """Speaks one dialogue."""

    def __init__(self, session: aiohttp.ClientSession, dialogue: Dialogue, run: str) -> None:
        self._session = session
        self._dialogue = dialogue
        self._run = run
        self._history: defaultdict[str, list[dict[str, str]]] = defaultdict(list)

    async def play(self) -> Phases:
        """Say everything, and listen to the end."""
        loop = asyncio.get_running_loop()
        phases = []
        for phase in self._dialogue.phases:
            start = loop.time() + 0.05
            tasks = [loop.create_task(self.say(say, start)) for say in phase]
            phases.append(list(await asyncio.gather(*tasks)))
        return phases

    async def say(self, say: Say, start: float) -> Heard:
        """Say one message, and listen to the end of its answer.

        Args:
            say: the message; it is said now if it was due before.
            start: the start of its phase, by the loop's clock.
        """
        clock = asyncio.get_running_loop().time
        due = start + say.at_s
        body = msgspec.json.encode(self._body(say))
        await asyncio.sleep(max(0.0, due - clock()))
        listener = Listener(due)
        limit = due + say.cancel_s if say.cancel_s else due + ANSWER_LIMIT_S
        problem = ""
        try:
            async with asyncio.timeout_at(limit):
                await self._listen(body, listener)
        except TimeoutError:
            problem = "left" if say.cancel_s else "time limit"
        except aiohttp.ClientError as error:
            problem = type(error).__name__
        self._history[say.conversation] += [
            {"role": "user", "content": say.message},
            {"role": "assistant", "content": "".join(listener.texts)},
        ]
        return listener.heard(start, clock(), problem)

    async def _listen(self, body: bytes, listener: Listener) -> None:
        clock = asyncio.get_running_loop().time
        target = self._dialogue.target
        async with self._session.post(target.url, data=body, headers=target.headers) as response:
            response.raise_for_status()
            async for line in response.content:
                listener.take(line, clock())

    def _body(self, say: Say) -> dict[str, Any]:
        target = self._dialogue.target
        common = {"max_tokens": say.max_tokens, **target.extra}
        if target.dialect == "pisovereign":
            return {
                "message": say.message,
                "conversation_id": f"{self._run}-{say.conversation}",
                **common,
            }
        messages = [
            {"role": "system", "content": target.system_prompt},
            *self._history[say.conversation],
            {"role": "user", "content": say.message},
        ]
        options: dict[str, Any] = {"stream": True, "stream_options": {"include_usage": True}}
        if target.model:
            options["model"] = target.model
        return {"messages": messages, **options, **common}


def play(target: Target, phases: list[list[Say]]) -> Phases:
    """Play from a new process and return what was heard.

    Raises:
        RuntimeError: an answer is not complete, other than because its client left.
    """
    done = subprocess.run(
        [sys.executable, "-m", "bench.player"],
        input=msgspec.json.encode(Dialogue(target, phases)),
        stdout=subprocess.PIPE,
        check=True,
        timeout=ANSWER_LIMIT_S * (len(phases) + 1),
    )
    result = msgspec.json.decode(done.stdout, type=Phases)
    problems = {h.problem for phase in result for h in phase} - {"", "left"}
    if problems:
        raise RuntimeError(f"answers of {target.url} are missing: {problems}")
    return result


async def _play(dialogue: Dialogue) -> Phases:
    path = dialogue.target.socket
    connector: aiohttp.BaseConnector = (
        aiohttp.UnixConnector(path, limit=0) if path else aiohttp.TCPConnector(limit=0)
    )
    timeout = aiohttp.ClientTimeout(total=None)
    async with aiohttp.ClientSession(connector=connector, timeout=timeout) as session:
        return await Player(session, dialogue, secrets.token_hex(_ID_LENGTH // 2)).play()


def main() -> None:
    dialogue = msgspec.json.decode(sys.stdin.buffer.read(), type=Dialogue)
    # Bounded in time and count, so nothing needs to be collected; a collection would be a stall.
    gc.freeze()
    gc.disable()
    with asyncio.Runner(loop_factory=precise_loop) as runner:
        phases = runner.run(_play(dialogue))
    sys.stdout.buffer.write(msgspec.json.encode(phases))


if __name__ == "__main__":
    main()
