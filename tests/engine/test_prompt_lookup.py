"""Guesses: what they are, when they are made, and that they change no answer."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence

import pytest

from pisovereign.engine.answer_reader import AnswerReader
from pisovereign.engine.compute_settings import ComputeSettings
from pisovereign.engine.exact_sizes import exact_sizes
from pisovereign.engine.generation import Generation
from pisovereign.engine.jobs import Delta, Done, EventStream, Failed, Job
from pisovereign.engine.llama import Context, Entry, Model
from pisovereign.engine.prefix_reuse import PrefixReuse
from pisovereign.engine.prompt_lookup import SIZES, PromptLookup, StepCosts
from pisovereign.engine.sampling import Sampler, SamplingParams
from pisovereign.engine.scheduler import Scheduler
from pisovereign.engine.snapshots import Snapshots
from pisovereign.engine.statistics import Totals
from pisovereign.engine.templates import TEMPLATES
from pisovereign.engine.worker import Worker
from pisovereign.engine_client.types import Message

MAIL = (
    "Dear Mr. Miller, thank you for your letter of 12 March. We will receive the goods on "
    "Thursday, the 4th of April, and pay 1,250.40 EUR to the account DE12 5001 0517 0648 4898 90 "
    "as agreed."
)
QUESTIONS = [
    f"Write this mail again, word by word: {MAIL}",
    f"Summarize: {MAIL}",
    'Repeat this JSON: {"name": "Anna", "items": [{"id": 1, "ok": true}, {"id": 2, "ok": false}]}',
    "Count from 1 to 30.",
]


GREEDY = SamplingParams(temperature=0.0)
SEEDED = SamplingParams(temperature=0.7, seed=7)


class Always(StepCosts):
    """As if guesses cost nothing."""

    def worth(self, probability: float, sizes: Sequence[int]) -> int:
        return max(sizes, default=0)


def test_what_followed_the_same_tokens_is_guessed() -> None:
    lookup = PromptLookup([1, 2, 3, 4, 5, 6, 9, 1, 2], repeatable=False)
    costs = Always()
    assert lookup.guess(costs, 3) == []
    lookup.accept(3)
    assert lookup.guess(costs, 3) == [4, 5, 6]
    assert lookup.guess(costs, 6) == [4, 5, 6], "in whole tiles"
    assert lookup.guess(costs, 1) == [4]
    assert lookup.guess(costs, 0) == []
    for token in (7, 1, 2, 3):
        lookup.accept(token)
    assert lookup.guess(costs, 3) == [7, 1, 2], "what followed last"


def test_a_repeatable_answer_is_guessed_only_in_exact_sizes() -> None:
    lookup = PromptLookup([1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3], repeatable=True)
    assert lookup.guess(Always(), 7) == []
    assert lookup.guess(Always(exact=[1]), 7) == [4]
    assert lookup.guess(Always(exact=[1, 3]), 7) == [4, 5, 6]


def test_what_guesses_are_worth_is_seen_without_computing_any() -> None:
    """Batches that cost as much as on the developers' machines pay only where answers copy."""
    costs = StepCosts()
    for tokens, cost in ((1, 1.0), (2, 1.7), (4, 2.5), (8, 4.2)):
        costs.observe(tokens, cost)
    text = list(range(100, 130))
    lookup = PromptLookup([*text, 1], repeatable=False)
    assert lookup.guess(costs, 7) == [], "nothing is known of this answer yet"
    for token in text[:15]:
        lookup.accept(token)
    assert lookup.guess(costs, 7) == text[15:22]
    for token in range(15):
        lookup.accept(1000 + token)
        for known in text[:3]:
            lookup.accept(known)
    assert lookup.guess(costs, 7) == [], "what followed was never the guess"


def test_nothing_is_guessed_where_a_batch_costs_as_much_as_its_tokens() -> None:
    costs = StepCosts()
    assert costs.worth(1.0, SIZES) == 0, "nothing is known yet"
    costs.observe(1, 1.0)
    assert costs.worth(0.9, SIZES) == 7, "to find out"
    for tokens in range(2, 9):
        costs.observe(tokens, 0.95 * tokens)
    assert costs.worth(1.0, SIZES) == 0
    costs = StepCosts()
    for tokens in range(1, 9):
        costs.observe(tokens, 1.0 if tokens <= 4 else 3.0)
    assert costs.worth(0.9, SIZES) == 3


@pytest.fixture
def run(model: Model) -> Iterator[Run]:
    settings = ComputeSettings(threads=1, batch_threads=1, flash_attention=True)
    context = Context(model, length=1024, sequences=2, settings=settings)
    yield Run(model, context, settings)
    context.close()


class Run:
    """Answers questions one after the other, with guesses and without."""

    def __init__(self, model: Model, context: Context, settings: ComputeSettings) -> None:
        self.model = model
        self.settings = settings
        self.context = context

    def answer(self, question: str, costs: StepCosts | None, params: SamplingParams) -> str:
        for seq in range(self.context.sequences):
            self.context.truncate(seq, 0)
        scheduler = Scheduler(slots=2, queue=1, step_tokens=self.context.batch_size)
        reuse = PrefixReuse(self.context, scheduler.slots, Snapshots(0))
        self.worker = Worker(self.context, scheduler, reuse, costs=costs)
        return asyncio.run(self._listen(question, params))

    async def _listen(self, question: str, params: SamplingParams) -> str:
        vocab = self.model.vocab
        prompt = vocab.encode(TEMPLATES["chatml"].render([Message("user", question)]))
        lookup = PromptLookup(prompt, repeatable=True) if self.worker.prompt_lookup else None
        generation = Generation(
            vocab, Sampler(params, prompt), AnswerReader(), max_tokens=60, lookup=lookup
        )
        events, text = EventStream(), ""
        self.worker.start()
        self.worker.submit(Job(prompt, 0, "", generation, events.put))
        try:
            while True:
                match await events.get(60):
                    case Delta(more):
                        text += more
                    case Done():
                        return text
                    case Failed() | None:
                        raise AssertionError("no answer")
        finally:
            self.worker.stop()


@pytest.mark.parametrize("params", [GREEDY, SEEDED], ids=["greedy", "with a seed"])
def test_an_answer_is_the_same_with_guesses(run: Run, params: SamplingParams) -> None:
    totals = same_with_guesses(run, QUESTIONS[0], params)
    if params is GREEDY:
        assert totals.accepted_tokens >= 10
        assert totals.steps < totals.completion_tokens


@pytest.mark.parametrize("question", QUESTIONS[1:])
@pytest.mark.parametrize("params", [GREEDY, SEEDED], ids=["greedy", "with a seed"])
def test_so_are_others(run: Run, question: str, params: SamplingParams) -> None:
    same_with_guesses(run, question, params)


def same_with_guesses(run: Run, question: str, params: SamplingParams) -> Totals:
    """What was counted while an answer was written that is the same as without guesses."""
    exact = exact_sizes(run.context, run.settings)
    assert exact, "with flash attention these are exact for this model"
    alone = run.answer(question, None, params)
    assert run.worker.totals.guessed_tokens == 0
    assert run.answer(question, Always(exact), params) == alone
    return run.worker.totals


def test_no_size_is_taken_for_exact_without_flash_attention(model: Model, context: Context) -> None:
    """Without flash attention, attention of one token is rounded otherwise than of several."""
    assert exact_sizes(context, ComputeSettings(threads=1, batch_threads=1)) == []
    settings = ComputeSettings(threads=1, batch_threads=1, flash_attention=True)
    exact_sizes(context, settings)
    assert context.decode([Entry(0, 0, [1, 2, 3], 1)])[0].size, "nothing was left there"
