"""Listens for voice assistants; whoever is not allowed is left before anything is read."""

from __future__ import annotations

import asyncio
import ipaddress
import logging
from collections.abc import Callable, Sequence

from wyoming.info import Attribution, HandleModel, HandleProgram, Info

import pisovereign
from pisovereign.config import WyomingConfig
from pisovereign.connectors.speech.events import LONGEST_LINE
from pisovereign.jobs.periodic import PeriodicTask
from pisovereign.languages import LANGUAGES, Language
from pisovereign.logs import log_task_error
from pisovereign.wyoming.answers import VoiceAnswers
from pisovereign.wyoming.connection import Times, WyomingConnection

_log = logging.getLogger(__name__)
_AGAIN_S = 5.0  # an address may come later than the program
_WRITE_S = 10.0

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
_NAME = "PiSovereign"
_ATTRIBUTION = Attribution(name=_NAME, url="")


class WyomingServer:
    """Answers over Wyoming while it runs.

    Args:
        config: Where it listens, and whom it lets in.
        answers: Finds answers.
        answer_s: The longest time for an answer, in seconds.
        language: Returns that of sentences that do not tell.
    """

    def __init__(
        self,
        config: WyomingConfig,
        answers: VoiceAnswers,
        answer_s: float,
        language: Callable[[], Language],
    ) -> None:
        self._config = config
        self._answers = answers
        self._language = language
        self._times = Times(config.idle_s, answer_s, _WRITE_S)
        self._allowed = [ipaddress.ip_network(each, strict=False) for each in config.allow]
        self._info = _describe(LANGUAGES)
        self._server: asyncio.Server | None = None
        self._clients: dict[asyncio.Task[None], str] = {}
        self._listening = PeriodicTask(self._listen, "nothing listens for Wyoming")

    @property
    def listens(self) -> bool:
        """Return whether it can be reached."""
        return self._server is not None

    def start(self) -> None:
        """Begin to listen, on the running loop."""
        self._listening.start()

    async def stop(self) -> None:
        """End, with every connection."""
        await self._listening.stop()
        if self._server is not None:
            self._server.close()
        for task in self._clients:
            task.cancel()
        if self._clients:
            await asyncio.wait(self._clients)
        self._server = None

    async def _listen(self) -> float:
        if self._server is None:
            host, port = self._config.host, self._config.port
            try:
                self._server = await asyncio.start_server(
                    self._connected, host, port, limit=LONGEST_LINE
                )
            except OSError as error:
                _log.warning("cannot listen for Wyoming on %s:%d: %s", host, port, error.strerror)
                return _AGAIN_S
            _log.info("listens for Wyoming on %s:%d", host, port)
            if not self._allowed:
                _log.warning("nobody is let in: name addresses in wyoming.allow")
        return 3600.0

    def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve a client, or leave it: called before the first byte is read."""
        peer = (writer.get_extra_info("peername") or ("",))[0]
        if not self._admits(peer):
            writer.transport.abort()
            return
        connection = WyomingConnection(
            reader,
            writer,
            info=self._info,
            answers=self._answers,
            language=self._language(),
            times=self._times,
        )
        task = asyncio.create_task(_served(connection, writer))
        self._clients[task] = peer
        task.add_done_callback(log_task_error)
        task.add_done_callback(lambda done: self._clients.pop(done, None))

    def _admits(self, peer: str) -> bool:
        if not self._answers.is_known():
            _log.warning("a Wyoming client was left: wyoming.user_id is nobody who is known here")
            return False
        if not is_allowed(peer, self._allowed):
            _log.warning("a Wyoming client at %s was left: it is not in wyoming.allow", peer)
            return False
        if len(self._clients) >= self._config.connections:
            _log.warning("a Wyoming client at %s was left: there are too many connections", peer)
            return False
        return True


def is_allowed(peer: str, allowed: Sequence[Network]) -> bool:
    """Return whether an address is one of those, or in one of those networks."""
    try:
        address = ipaddress.ip_address(peer.partition("%")[0])
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return any((mapped or address) in network for network in allowed)


async def _served(connection: WyomingConnection, writer: asyncio.StreamWriter) -> None:
    try:
        await connection.serve()
    finally:
        writer.transport.abort() if writer.transport.get_write_buffer_size() else writer.close()


def _describe(languages: Sequence[Language]) -> Info:
    """Return a program that handles sentences in these languages."""
    version = pisovereign.__version__
    model = HandleModel(
        name="conversation",
        attribution=_ATTRIBUTION,
        installed=True,
        description="Conversations with memory, reminders, lists and approvals",
        version=version,
        languages=list(languages),
    )
    program = HandleProgram(
        name=_NAME,
        attribution=_ATTRIBUTION,
        installed=True,
        description="A private assistant",
        version=version,
        models=[model],
        supports_handled_streaming=True,
    )
    return Info(handle=[program])
