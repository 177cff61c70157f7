"""Puts the engine together: loads the models, listens, and puts everything down in order."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import gc
import logging
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import uvicorn
import uvloop

from pisovereign.engine.chat import Chat
from pisovereign.engine.embedder import Embedder
from pisovereign.engine.llama import Context, Model
from pisovereign.engine.memory import available_memory, fit
from pisovereign.engine.scheduler import Scheduler
from pisovereign.engine.server import create_app
from pisovereign.engine.templates import TEMPLATES
from pisovereign.engine.threads import default_threads
from pisovereign.engine.unix_socket import listening
from pisovereign.engine.worker import Worker

logger = logging.getLogger(__name__)

# Larger steps are no faster and take more memory.
_STEP_TOKENS = 256
_STOP_S = 3


def run(args: argparse.Namespace) -> None:
    """Serve until a signal says to stop.

    Raises:
        ModelError: a model cannot be used.
        StartError: the socket cannot be had.
    """
    with contextlib.ExitStack() as stack:
        available = available_memory()
        model = Model(args.model_file)
        stack.callback(model.close)
        model.vocab.fit(TEMPLATES[args.template])
        context = _context(model, args, available)
        stack.callback(context.close)
        embedder = _embedder(args)
        if embedder is not None:
            stack.callback(embedder.close)
        # What is loaded stays: the garbage collector need not look at it again and again.
        gc.collect()
        gc.freeze()
        sock = stack.enter_context(listening(args.socket))
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(_serve(args, model, context, embedder, sock))


def _context(model: Model, args: argparse.Namespace, available: int) -> Context:
    length = min(args.context or model.trained_context, model.trained_context)
    threads = args.threads or default_threads()
    need = model.need(length, _STEP_TOKENS)
    room = fit(args.model_id, need, sequences=args.parallel, cache_bytes=0, available=available)
    if room.sequences < args.parallel:
        logger.warning(
            "memory is short: %d answers at once instead of %d", room.sequences, args.parallel
        )
    logger.info(
        "%s: %d x %d tokens of context, %d threads", args.model_id, room.sequences, length, threads
    )
    return Context(
        model, length=length, sequences=room.sequences, batch=_STEP_TOKENS, threads=threads
    )


def _embedder(args: argparse.Namespace) -> Embedder | None:
    if args.embedding_dir == "none":
        return None
    return Embedder(Path(args.embedding_dir), args.embedding_precision)


async def _serve(
    args: argparse.Namespace,
    model: Model,
    context: Context,
    embedder: Embedder | None,
    sock: socket.socket,
) -> None:
    scheduler = Scheduler(slots=context.sequences, queue=args.queue, step_tokens=context.batch_size)
    worker = Worker(context, scheduler, asyncio.get_running_loop())
    template = TEMPLATES[args.template]
    chat = Chat(model.vocab, template, context.length, worker, args.public_prompt)
    app = create_app(
        model_id=args.model_id,
        context_length=context.length,
        chat=chat,
        worker=worker,
        embedder=embedder,
    )
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
    server = uvicorn.Server(config)
    worker.start()
    try:
        with _stopped_by_signals(server):
            await server.serve(sockets=[sock])
    finally:
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
