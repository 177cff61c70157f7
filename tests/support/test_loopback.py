"""That nothing goes on listening where a server of the tests has ended."""

from __future__ import annotations

import socket
import threading
import time

from tests.support.loopback import FREE_PORT, end_listening
from tests.support.patience import PATIENCE_S


def test_who_waits_for_a_connection_is_woken() -> None:
    listener = socket.create_server(FREE_PORT)
    told: list[OSError] = []

    def wait() -> None:
        try:
            listener.accept()
        except OSError as error:
            told.append(error)

    waiting = threading.Thread(target=wait, daemon=True)
    waiting.start()
    time.sleep(0.2)  # whoever has not begun to wait is told as well, by a socket that is closed
    end_listening(listener)
    waiting.join(PATIENCE_S)
    assert told
    assert listener.fileno() == -1


def test_a_socket_that_does_not_listen_is_closed() -> None:
    never = socket.socket()
    end_listening(never)
    assert never.fileno() == -1
