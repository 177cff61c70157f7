"""Composition of the engine: load the models, warm up, listen, and close everything in order."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import gc
import logging
import signal
import socket
from collections.abc import Coroutine, Iterator, Sequence
from contextlib import AbstractContextManager
from itertools import zip_longest
from typing import Any

import uvicorn
import uvloop

from pisovereign.asgi.types import AsgiApp
from pisovereign.engine.chat import Chat
from pisovereign.engine.compute_settings import ComputeSettings, compute_settings
from pisovereign.engine.embedder import Embedder
from pisovereign.engine.errors import ModelError
from pisovereign.engine.exact_sizes import exact_sizes
from pisovereign.engine.kept_speeds import KeptSpeeds, try_out
from pisovereign.engine.llama import Context, DecodeFailed, Entry, Model
from pisovereign.engine.machine import this_board, this_build
from pisovereign.engine.memory import MemoryNeed, MemoryPlan, available_memory, fit, shortened
from pisovereign.engine.memory_need import MemoryProbe, memory_probe
from pisovereign.engine.openmp import run_in_own_thread
from pisovereign.engine.prefix_reuse import PrefixReuse
from pisovereign.engine.probe import probe
from pisovereign.engine.prompt_lookup import StepCosts
from pisovereign.engine.retirement import LastAnswers, Retirement
from pisovereign.engine.saved_prompt import SavedPrompt
from pisovereign.engine.scheduler import Scheduler
from pisovereign.engine.server import create_app
from pisovereign.engine.snapshots import Snapshots
from pisovereign.engine.start_report import StartReport
from pisovereign.engine.step_times import StepTimes
from pisovereign.engine.templates import ChosenTemplate, choose_template
from pisovereign.engine.templates.sources import template_sources
from pisovereign.engine.worker import Worker
from pisovereign.process.notify import Notifier, Progress, keep_alive
from pisovereign.process.unix_socket import listening

logger = logging.getLogger(__name__)

_STOP_S = 3


def run(args: argparse.Namespace, outcome: StartReport) -> None:
    """Serve until a signal says to stop.

    Args:
        args: the command line.
        outcome: is told when clients are served from now on.

    Raises:
        ModelError: a model cannot be used.
        StartError: the socket cannot be had.
    """
    with contextlib.ExitStack() as stack:
        settings = compute_settings(args)
        # Before gigabytes are mapped that cannot be there.
        with memory_probe(args.model_file) as needed:
            length, room = _room(args, needed, settings)
        model = Model(args.model_file)
        stack.callback(model.close)
        chosen = choose_template(
            model.vocab, template_sources(model.handle), args.template, args.fallback_template
        )
        context = Context(model, length=length, sequences=room.sequences, settings=settings)
        stack.callback(context.close)
        logger.info("%s: %d x %d tokens, %s", args.model_id, context.sequences, length, settings)
        embedders = _embedders(args, stack)
        snapshots = Snapshots(room.cache_bytes)
        saved = _saved_prompt(args, context, chosen)
        if saved is not None:
            stack.callback(saved.close)
        _compute_first(context, embedders, saved, snapshots)
        speeds = _kept_speeds(args, settings)
        times = _step_times(context, speeds)
        worker = _worker(args, context, snapshots, saved, settings=settings, times=times)
        for embedder in embedders:
            embedder.give_way_while(lambda: worker.load.active > 0)
        chat = Chat(model.vocab, chosen.template, length, worker, args.public_prompt)
        app = LastAnswers(
            create_app(
                model_id=args.model_id,
                context_length=length,
                chat=chat,
                worker=worker,
                template=chosen,
                embedders=embedders,
            )
        )
        # What is loaded stays: the garbage collector need not look at it again and again.
        gc.collect()
        gc.freeze()
        notifier = Notifier.from_environment()
        server = _server(app, notifier, outcome)
        # Before anybody can see the socket: a signal must not leave it behind.
        stack.enter_context(_stopped_by_signals(server))
        sock = stack.enter_context(_socket(args))
        trial = probe(chat, args.model_id) if args.probe else None
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            keep = None if speeds is None else speeds.go_on(times)
            runner.run(_serve(server, worker, sock, notifier, app=app, trial=trial, beside=keep))
        if speeds is not None:
            speeds.save(times)


def _socket(args: argparse.Namespace) -> AbstractContextManager[socket.socket]:
    if args.socket_fd is not None:  # whoever made it removes it
        return socket.socket(fileno=args.socket_fd)
    return listening(args.socket, group=args.group_socket)


def _embedders(args: argparse.Namespace, stack: contextlib.ExitStack) -> list[Embedder]:
    """Load the embedding models, which `stack` closes."""
    embedders = []
    for folder, dimensions in zip_longest(args.embedding_dir, args.embedding_dimensions):
        embedder = Embedder(folder, args.embedding_precision, dimensions or 0)
        stack.callback(embedder.close)
        embedders.append(embedder)
    return embedders


def _compute_first(
    context: Context,
    embedders: Sequence[Embedder],
    saved: SavedPrompt | None,
    snapshots: Snapshots,
) -> None:
    """Warm up, and check the saved prompt, before the worker's thread computes."""
    run_in_own_thread(warm_up, context, embedders)
    if saved is not None:
        run_in_own_thread(saved.recall, snapshots)


def _room(
    args: argparse.Namespace, probe: MemoryProbe, settings: ComputeSettings
) -> tuple[int, MemoryPlan]:
    """Return the context length and what fits into memory, as near as possible to the wish."""

    def need(length: int) -> MemoryNeed:
        return probe.need(length, args.parallel + args.more_parallel, settings)

    available = available_memory()
    wish = args.context or args.usual_context or probe.trained_context
    length = min(wish, probe.trained_context)
    if not args.context:
        usual, length = length, shortened(length, need, available)
        if length < usual:
            logger.warning("memory is short: a context of %d tokens, not %d", length, usual)
    room = fit(
        args.model_id,
        need(length),
        sequences=args.parallel,
        cache_bytes=args.cache_bytes,
        available=available,
        more=args.more_parallel,
    )
    if room.sequences < args.parallel:
        logger.warning("memory is short: %d answers at once, not %d", room.sequences, args.parallel)
    return length, room


def _saved_prompt(
    args: argparse.Namespace, context: Context, chosen: ChosenTemplate
) -> SavedPrompt | None:
    if not (args.state_dir and args.model_identity and args.public_prompt):
        return None
    build = this_build()
    identity = {
        "model": args.model_identity,
        # The file's own one is part of the model.
        "template": chosen.template.name,
        "prompt": args.public_prompt,
        "build": f"{build.version} {build.libraries}",
    }
    return SavedPrompt(context, args.state_dir, identity)


def _step_times(context: Context, speeds: KeptSpeeds | None) -> StepTimes:
    """Return how long steps take, as it was kept, else as a few of them take now."""
    times = StepTimes()
    if speeds is None or not speeds.recall(times):
        run_in_own_thread(try_out, context, times)
    return times


def _kept_speeds(args: argparse.Namespace, settings: ComputeSettings) -> KeptSpeeds | None:
    if not (args.state_dir and args.model_identity):
        return None
    build = this_build()
    identity = {
        "model": args.model_identity,
        "settings": f"{settings} {args.wait_policy}",
        "board": str(this_board()),
        "build": f"{build.version} {build.libraries}",
    }
    return KeptSpeeds(args.state_dir, identity)


def _worker(
    args: argparse.Namespace,
    context: Context,
    snapshots: Snapshots,
    saved: SavedPrompt | None,
    *,
    settings: ComputeSettings,
    times: StepTimes,
) -> Worker:
    scheduler = Scheduler(slots=context.sequences, queue=args.queue, step_tokens=context.batch_size)
    slots = scheduler.slots
    if saved is None:
        reuse = PrefixReuse(context, slots, snapshots)
    else:
        reuse = PrefixReuse(context, slots, snapshots, saved.keep)
    costs = None
    if args.prompt_lookup == "on" and context.can_truncate:
        costs = StepCosts(run_in_own_thread(exact_sizes, context, settings))
    return Worker(context, scheduler, reuse, costs=costs, times=times)


class _Server(uvicorn.Server):
    """uvicorn's server that tells systemd, and whoever started it, when it listens."""

    def __init__(self, config: uvicorn.Config, notifier: Notifier, outcome: StartReport) -> None:
        super().__init__(config)
        self._notifier = notifier
        self._outcome = outcome

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._notifier.ready()
        self._outcome.serves()


def _server(app: AsgiApp, notifier: Notifier, outcome: StartReport) -> uvicorn.Server:
    config = uvicorn.Config(
        app,
        http="httptools",
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=False,
        timeout_graceful_shutdown=_STOP_S,
    )
    return _Server(config, notifier, outcome)


async def _serve(
    server: uvicorn.Server,
    worker: Worker,
    sock: socket.socket,
    notifier: Notifier,
    *,
    app: LastAnswers,
    trial: Coroutine[Any, Any, None] | None,
    beside: Coroutine[Any, Any, None] | None,
) -> None:
    """Serve; with a `trial` only if the model passes it, and something beside it."""
    worker.start()
    tasks = [asyncio.create_task(keep_alive(notifier, Progress(worker.nudge)))]
    if beside is not None:
        tasks.append(asyncio.create_task(beside))
    retirement = Retirement(app, server)
    asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, retirement.begin)
    try:
        if trial is not None:
            await trial
        await server.serve(sockets=[sock])
    finally:
        for task in tasks:
            task.cancel()
        await retirement.close()
        worker.stop()


@contextlib.contextmanager
def _stopped_by_signals(server: uvicorn.Server) -> Iterator[None]:
    """Let signals stop the server and nothing else.

    Uvicorn's own handlers come too late for a signal during its start, and when it is done it
    raises the signal again, which must not end the process before everything is put down.
    """
    signals = (signal.SIGTERM, signal.SIGINT)
    before = [signal.signal(number, server.handle_exit) for number in signals]
    try:
        yield
    finally:
        for number, handler in zip(signals, before, strict=True):
            signal.signal(number, handler)


def warm_up(context: Context, embedders: Sequence[Embedder]) -> None:
    """Compute one token with every sequence, and embed one word each; nothing of it stays.

    Raises:
        ModelError: the model cannot compute.
    """
    sequences = range(context.sequences)
    try:
        context.decode([Entry(seq, 0, (0,), sample=True) for seq in sequences])
    except DecodeFailed as error:
        raise ModelError(f"the model cannot compute: {error}") from None
    finally:
        for seq in sequences:
            context.truncate(seq, 0)
    for embedder in embedders:
        embedder.warm_up()
