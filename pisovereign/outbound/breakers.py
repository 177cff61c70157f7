"""Circuit breakers: a host that keeps failing is left alone for a while, and delays nobody."""

from __future__ import annotations

import contextlib
import math
import threading
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Iterator
from typing import NoReturn

from pybreaker import (
    STATE_OPEN,
    CircuitBreaker,
    CircuitBreakerError,
    CircuitBreakerListener,
    CircuitBreakerState,
)

from pisovereign.errors import HostFailed, HostPaused
from pisovereign.net.hosts import normalize_host

_MOST_HOSTS = 256
# What says that a host is away or broken.
FAILURES: tuple[type[Exception], ...] = (HostFailed, OSError, EOFError)


class Breakers:
    """A circuit breaker for each host and port, for the event loop and for threads.

    Args:
        failures: how many in a row open the circuit.
        pause_s: how long nothing is sent then.
        successes: how many close it again after the pause; one failure opens it at once.
        clock: seconds of a clock that nobody sets.
    """

    def __init__(
        self,
        *,
        failures: int = 5,
        pause_s: float = 30.0,
        successes: int = 2,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._failures = failures
        self._pause_s = pause_s
        self._successes = successes
        self._clock = clock
        self._lock = threading.Lock()
        self._circuits: OrderedDict[tuple[str, int], _Circuit] = OrderedDict()

    @contextlib.asynccontextmanager
    async def guard(self, host: str, port: int) -> AsyncIterator[None]:
        """Run a block that talks to the host, and count how it ends.

        `HostFailed`, `OSError` (also `TimeoutError` and those of TLS) and `EOFError` are failures
        of the host. Other exceptions, also a cancellation, say nothing about it and do not count.

        Raises:
            HostPaused: the circuit is open; the block is not run.
        """
        with self.guard_blocking(host, port):
            yield

    @contextlib.contextmanager
    def guard_blocking(self, host: str, port: int) -> Iterator[None]:
        """Do what `guard` does, in a thread."""
        circuit = self._circuit(normalize_host(host), port)
        circuit.admit()
        try:
            yield
        except HostPaused:
            raise
        except FAILURES as error:
            circuit.failed(error)
            raise
        circuit.worked()

    def pause_left_s(self, host: str, port: int) -> float:
        """Return for how many seconds the host is still left alone; 0: it may be asked."""
        return self._circuit(normalize_host(host), port).pause_left_s()

    def _circuit(self, host: str, port: int) -> _Circuit:
        with self._lock:
            circuit = self._circuits.pop((host, port), None)
            if circuit is None:
                circuit = self._new(f"{host}:{port}")
                if len(self._circuits) >= _MOST_HOSTS:
                    self._circuits.popitem(last=False)
            self._circuits[host, port] = circuit
            return circuit

    def _new(self, name: str) -> _Circuit:
        return _Circuit(
            name,
            CircuitBreaker(
                fail_max=self._failures,
                reset_timeout=self._pause_s,
                success_threshold=self._successes,
                throw_new_error_on_trip=False,
            ),
            self._clock,
        )


class _Circuit(CircuitBreakerListener):
    """pybreaker's state machine, with the time of a clock that nobody sets."""

    def __init__(self, name: str, breaker: CircuitBreaker, clock: Callable[[], float]) -> None:
        self._name = name
        self._breaker = breaker
        self._clock = clock
        self._opened = -math.inf
        self._last = ""
        breaker.add_listener(self)

    def state_change(
        self,
        cb: CircuitBreaker,
        old_state: CircuitBreakerState | None,
        new_state: CircuitBreakerState,
    ) -> None:
        """Note when the circuit opened; pybreaker calls this under its lock."""
        if new_state.name == STATE_OPEN:
            self._opened = self._clock()

    def admit(self) -> None:
        if (left := self.pause_left_s()) > 0:
            seconds = math.ceil(left)
            raise HostPaused(
                f"{self._name} failed several times and is asked again in {seconds} s; "
                f"the last time: {self._last}",
                retry_after=seconds,
            )
        if self._breaker.current_state == STATE_OPEN:
            self._breaker.half_open()

    def pause_left_s(self) -> float:
        if self._breaker.current_state != STATE_OPEN:
            return 0.0
        return max(0.0, self._opened + self._breaker.reset_timeout - self._clock())

    def worked(self) -> None:
        # One that was on its way when the circuit opened does not close it.
        with contextlib.suppress(CircuitBreakerError):
            self._breaker.call(_nothing)

    def failed(self, error: Exception) -> None:
        # The text of others' errors may quote what nobody else should read.
        self._last = str(error) if isinstance(error, HostFailed) else type(error).__name__
        with contextlib.suppress(CircuitBreakerError, type(error)):
            self._breaker.call(_fail, error)


def _nothing() -> None:
    pass


def _fail(error: Exception) -> NoReturn:
    raise error
