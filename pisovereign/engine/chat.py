"""Turning a chat request into a job, and its events into an answer."""

from __future__ import annotations

import asyncio
import hashlib

from pisovereign.engine.answer_form import AnswerForms, offered_tools
from pisovereign.engine.answer_reader import AnswerReader
from pisovereign.engine.copy_penalty import CopyPenalty, beginning
from pisovereign.engine.errors import ContextLengthExceeded, InvalidRequest, PromptTooSlow
from pisovereign.engine.expectation import Expected
from pisovereign.engine.generation import Generation
from pisovereign.engine.jobs import Done, Event, EventStream, Failed, Job
from pisovereign.engine.prompt_lookup import PromptLookup
from pisovereign.engine.repetition import RepetitionGuard
from pisovereign.engine.sampling import Sampler, SamplingParams
from pisovereign.engine.sequences import common_prefix
from pisovereign.engine.templates import ChatTemplate, Segment, Unusable
from pisovereign.engine.vocab import Vocab
from pisovereign.engine.worker import Worker
from pisovereign.engine_client.types import ChatRequest

# Tokenizing takes about 0.3 ms for each KiB: beyond this it would hold up other answers.
_LONG_PROMPT = 8 * 1024


class Answer:
    """An answer that is being generated. Must be closed, which stops the work on it.

    `expected` is how long it will take; None: nobody asked, or nobody knows.
    """

    def __init__(
        self, worker: Worker, job: Job, events: EventStream, expected: Expected | None = None
    ) -> None:
        self._worker = worker
        self._job = job
        self._events = events
        self._over = False
        self.expected = expected

    async def next(self, timeout_s: float) -> Event | None:
        """Return the next event; None when there is none within the time."""
        event = await self._events.get(timeout_s)
        if isinstance(event, Done | Failed):
            self._over = True
        return event

    def close(self) -> None:
        """Stop the work if it is not over; may be called more than once."""
        if not self._over:
            self._over = True
            self._worker.cancel(self._job)


class Chat:
    """Prepares requests for one model.

    Args:
        vocab: the model's vocabulary, fitted to the template.
        template: how the model marks up a conversation.
        context_length: tokens that prompt and answer may have together.
        worker: does the work.
        public_prompt: sha256 (hexadecimal) of the system prompt that is no secret between users.
    """

    def __init__(
        self,
        vocab: Vocab,
        template: ChatTemplate,
        context_length: int,
        worker: Worker,
        public_prompt: str = "",
    ) -> None:
        self._vocab = vocab
        self._template = template
        self._forms = AnswerForms(vocab, template)
        self._context_length = context_length
        self._worker = worker
        self._public_prompt = public_prompt

    async def start(self, request: ChatRequest) -> Answer:
        """Queue a request.

        Raises:
            ContextLengthExceeded: the prompt does not fit.
            InvalidRequest: a JSON schema of it cannot be used.
            PromptTooSlow: the prompt takes longer to be read than it may.
            QueueFull: too many requests wait.
        """
        events = EventStream()
        long = sum(len(m.content) for m in request.messages) > _LONG_PROMPT
        if long or request.response_format or request.tools:
            job = await asyncio.to_thread(self._job, request, events)
        else:
            job = self._job(request, events)
        expected = self._expected(request, job)
        self._worker.submit(job)
        return Answer(self._worker, job, events, expected)

    def _expected(self, request: ChatRequest, job: Job) -> Expected | None:
        """Return what is expected of a request that asks for that.

        Raises:
            PromptTooSlow: its prompt takes longer to be read than it may.
        """
        most_s = request.max_prompt_s
        if not request.expectation and most_s is None:
            return None
        expected = self._worker.expect(job)
        if expected is not None and most_s is not None and expected.read_s > most_s:
            in_time = int(expected.computed * most_s / expected.read_s)
            raise PromptTooSlow(expected.computed, in_time)
        return expected if request.expectation else None

    def _job(self, request: ChatRequest, events: EventStream) -> Job:
        try:
            segments = self._template.render(
                request.messages, offered_tools(request), effort=request.reasoning_effort
            )
        except Unusable:
            # Why is not told: it may have text of a message in it.
            raise InvalidRequest(
                "The model's chat template cannot write this conversation."
            ) from None
        prompt = self._vocab.encode(segments)
        shared = self._shared(request, prompt)
        room = self._context_length - len(prompt)
        if room < 1:
            raise ContextLengthExceeded(len(prompt), self._context_length)
        form = self._forms.of(request, segments)
        sampler = Sampler(_params(request), prompt, form.constraint, self._copies(request))
        # What has to have a form is not cut short: half of it is worth nothing.
        guarded = request.repetition_guard and not form.whole
        guard = RepetitionGuard() if guarded else None
        wanted = request.max_completion_tokens or request.max_tokens or room
        return Job(
            prompt=prompt,
            shared=shared,
            cache_key=request.prompt_cache_key or "",
            generation=Generation(
                self._vocab,
                sampler,
                AnswerReader(_stops(request), guard, form.parser, form.thoughts),
                max_tokens=min(wanted, room),
                controls=form.controls,
                lookup=self._lookup(request, prompt),
            ),
            deliver=events.put,
            low_priority=request.service_tier == "flex",
            stable=self._stable(request, segments, prompt),
            front=0 if shared or self._worker.can_truncate else self._front(request, prompt),
        )

    def _copies(self, request: ChatRequest) -> CopyPenalty | None:
        if not request.copy_penalty:
            return None
        earlier = (beginning(m.content) for m in request.messages if m.role == "assistant")
        return CopyPenalty(self._vocab.encode([text]) for text in earlier if text)

    def _lookup(self, request: ChatRequest, prompt: list[int]) -> PromptLookup | None:
        if not self._worker.prompt_lookup:
            return None
        repeatable = request.seed is not None or request.temperature == 0.0
        return PromptLookup(prompt, repeatable=repeatable)

    def _shared(self, request: ChatRequest, prompt: list[int]) -> int:
        """Return how many tokens at the front everybody may reuse: what the operator wrote.

        That is the configured system prompt, with tools that the API says are everybody's. What
        else a request brings along is its user's text, like the rest of the conversation.
        """
        front = request.messages[:1]
        if not front or front[0].role != "system" or not self._public_prompt:
            return 0
        digest = hashlib.sha256(front[0].content.encode()).hexdigest()
        tools = offered_tools(request)
        if digest != self._public_prompt or (tools and not request.public_tools):
            return 0
        return self._front(request, prompt)

    def _front(self, request: ChatRequest, prompt: list[int]) -> int:
        """Return how many tokens at the front its system prompt and its tools are."""
        front = request.messages[:1]
        if not front or front[0].role != "system":
            return 0
        segments = self._template.front(
            front, offered_tools(request), effort=request.reasoning_effort
        )
        return common_prefix(self._vocab.encode(segments), prompt, len(prompt))

    def _stable(self, request: ChatRequest, segments: list[Segment], prompt: list[int]) -> int:
        """Return how many tokens at the front the next turn has, whatever is answered; 0: all.

        What invites the answer may look otherwise once there is one, as where thoughts are left
        out. Only asked where sequences cannot be cut, so that the place has to be known before.
        """
        if self._worker.can_truncate:
            return 0
        without = self._template.render(
            request.messages,
            offered_tools(request),
            effort=request.reasoning_effort,
            add_answer=False,
        )
        same = common_prefix(segments, without, len(segments))
        return len(prompt) - len(self._vocab.encode(segments[same:]))


def _stops(request: ChatRequest) -> list[str]:
    return [request.stop] if isinstance(request.stop, str) else request.stop or []


def _params(request: ChatRequest) -> SamplingParams:
    given = {
        name: value
        for name in SamplingParams.__struct_fields__
        if (value := getattr(request, name)) is not None
    }
    return SamplingParams(**given)
