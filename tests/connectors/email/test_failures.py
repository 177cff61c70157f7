"""A mail server that is away, slow, broken or hostile costs its own question, within a limit."""

from __future__ import annotations

import asyncio
import random
import socket
import ssl
import threading
import time
from pathlib import Path

import pytest

from pisovereign.connectors.email.reader import MailReader
from pisovereign.errors import HostFailed, UpstreamError
from tests.connectors.email.accounts import ALICE, configured, reading, with_reader
from tests.connectors.email.certificates import Certificates
from tests.connectors.email.dovecot import PASSWORD, Dovecot
from tests.connectors.email.scripted import Script, Scripted, imap_server, line
from tests.support.patience import PATIENCE_S

SECRET = "s3cret-of-nobody"


async def ask(reader: MailReader) -> None:
    await reader.summary(ALICE, 5)


def failure(certificates: Certificates, port: int, **email: object) -> UpstreamError:
    with pytest.raises(UpstreamError) as caught:
        with_reader(configured(certificates.ca, imap_port=port, **email), ask)
    assert PASSWORD not in caught.value.message
    assert SECRET not in caught.value.message
    return caught.value


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return Certificates(tmp_path_factory.mktemp("certificates"))


def test_a_wrong_password(dovecot: Dovecot) -> None:
    error = failure(dovecot.certificates, dovecot.tls_port, password="wrong")
    assert error.message == (
        "localhost does not accept the login: check email.username and email.password"
    )
    assert not isinstance(error, HostFailed)


def test_a_certificate_of_somebody_else(dovecot: Dovecot, certificates: Certificates) -> None:
    for security, port in (("tls", dovecot.tls_port), ("starttls", dovecot.starttls_port)):
        error = failure(certificates, port, imap_security=security)
        assert error.message.startswith("The certificate of localhost is not accepted: ")


def test_a_certificate_for_another_name(tmp_path: Path) -> None:
    others = Certificates(tmp_path, "imap.example.org")
    with Scripted(others, imap_server(b"")) as server:
        error = failure(others, server.port)
    assert "The certificate of localhost is not accepted" in error.message


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_the_other_kind_of_port(dovecot: Dovecot, security: str) -> None:
    port = dovecot.starttls_port if security == "tls" else dovecot.tls_port
    error = failure(dovecot.certificates, port, imap_security=security, timeout_s=2.0)
    assert isinstance(error, HostFailed)


def test_no_such_folder(dovecot: Dovecot) -> None:
    error = failure(dovecot.certificates, dovecot.tls_port, folder="Elsewhere")
    assert error.message == "localhost refused a request, or answered what is no answer"


def test_nobody_listens(certificates: Certificates) -> None:
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]
    assert isinstance(failure(certificates, port), HostFailed)


def never(connection: ssl.SSLSocket) -> None:
    """Silent until the client leaves."""
    while connection.recv(1024):
        pass


def drop_by_drop(connection: ssl.SSLSocket) -> None:
    """Never silent for long enough, and never done."""
    connection.sendall(b"* OK ")
    while True:
        connection.sendall(b"x")
        time.sleep(0.05)


def endless(connection: ssl.SSLSocket) -> None:
    connection.sendall(b"* OK ready\r\n")
    while True:
        connection.sendall(b"* OK still\r\n" * 1_000)


@pytest.mark.parametrize("script", [never, drop_by_drop])
def test_a_server_that_does_not_come_to_an_end(certificates: Certificates, script: Script) -> None:
    with Scripted(certificates, script) as server:
        error = failure(certificates, server.port, timeout_s=1.0)
    assert isinstance(error, HostFailed)


def test_a_server_that_is_silent_before_tls(certificates: Certificates) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        for security in ("tls", "starttls"):
            error = failure(certificates, port, timeout_s=1.0, imap_security=security)
            assert error.message.startswith("localhost did not answer")


def test_a_server_that_never_stops_talking(certificates: Certificates) -> None:
    with Scripted(certificates, endless) as server:
        error = failure(certificates, server.port)
    assert error.message == "localhost sent more than was asked for"


def test_a_mail_that_says_it_is_a_gigabyte(certificates: Certificates) -> None:
    fetched = b"* 1 FETCH (UID 1 FLAGS () BODY[] {1073741824}\r\n"
    with Scripted(certificates, imap_server(fetched)) as server:
        error = failure(certificates, server.port)
    assert error.message == "localhost sent more than was asked for"


@pytest.mark.parametrize("greeting", [b"* PREAUTH hi\r\n", b"* OK [CAPABILITY IMAP4rev1] hi\r\n"])
def test_a_login_is_not_sent_without_tls(certificates: Certificates, greeting: bytes) -> None:
    """Also not when the server claims that it knows us, or has no TLS to offer."""
    said: list[bytes] = []

    def serve(listening: socket.socket) -> None:
        connection, _ = listening.accept()
        with connection, connection.makefile("rb") as lines:
            connection.sendall(greeting)
            for received in lines:
                said.append(received)
                tag = received.split(b" ")[0]
                connection.sendall(b"* CAPABILITY IMAP4rev1\r\n" + tag + b" OK done\r\n")

    with socket.create_server(("127.0.0.1", 0)) as plain:
        answering = threading.Thread(target=serve, args=(plain,))
        answering.start()
        failure(certificates, plain.getsockname()[1], imap_security="starttls")
        answering.join(PATIENCE_S)
    assert not any(b"LOGIN" in text or b"AUTHENTICATE" in text for text in said)


def test_a_server_that_repeats_the_password(certificates: Certificates) -> None:
    def script(connection: ssl.SSLSocket) -> None:
        connection.sendall(b"* OK [CAPABILITY IMAP4rev1] ready\r\n")
        while said := line(connection):
            tag = said.split(b" ")[0]
            if b"CAPABILITY" in said:
                connection.sendall(b"* CAPABILITY IMAP4rev1\r\n" + tag + b" OK done\r\n")
            else:
                connection.sendall(tag + b" BAD what is " + said + b"?\r\n")

    with Scripted(certificates, script) as server:
        error = failure(certificates, server.port, password=SECRET)
    assert "does not accept the login" in error.message


def test_an_app_password_is_wanted(certificates: Certificates) -> None:
    def script(connection: ssl.SSLSocket) -> None:
        connection.sendall(b"* OK [CAPABILITY IMAP4rev1] ready\r\n")
        while said := line(connection):
            tag = said.split(b" ")[0]
            if b"LOGIN" in said:
                connection.sendall(tag + b" NO [ALERT] Application-specific password required\r\n")
            else:
                connection.sendall(b"* CAPABILITY IMAP4rev1\r\n" + tag + b" OK done\r\n")

    with Scripted(certificates, script) as server:
        error = failure(certificates, server.port, password=SECRET)
    assert error.message == "localhost wants a password made for this program (an app password)"


NONSENSE = [
    b"* 1 FETCH (UID 1 FLAGS (\\Seen) BODY[] {5}\r\nhello)\r\n",  # sense, to begin with
    b"* 1 FETCH (" + b"(" * 5_000 + b"\r\n",
    b"* 1 FETCH (" + b"(" * 5_000 + b")" * 5_000 + b")\r\n",
    b"* 1 FETCH (UID x FLAGS 7 INTERNALDATE 3 BODY[] NIL)\r\n",
    b"* 1 FETCH (UID 1 FLAGS NIL INTERNALDATE NIL BODY[] (a b))\r\n",
    b"* 1 FETCH (UID " + b"9" * 5_000 + b")\r\n",
    b"* 1 FETCH (BODY[] {" + b"9" * 5_000 + b"}\r\n",
    b"* 1 FETCH (BODY[] {-1}\r\n",
    b"* 99999999999999999999 FETCH (UID 1)\r\n",
    b"* 1 FETCH\r\n",
    b"* 1 FETCH ()\r\n",
    b"* 1 FETCH (UID)\r\n",
    b'* 1 FETCH (BODY[] "\\\r\n',
    b"\r\n",
    b"\xff\xfe\x00\r\n",
    b"x" * 2_000_000 + b"\r\n",
    b"* BYE so long\r\n",
    b"* 1 EXPUNGE\r\n* 0 EXISTS\r\n",
]


def test_answers_that_make_no_sense(certificates: Certificates) -> None:
    """Each is an error of the server, or as good as no mail."""
    chance = random.Random(3)
    damaged = []
    for _ in range(60):
        text = bytearray(NONSENSE[chance.randrange(5)][:200])
        for _ in range(chance.randint(1, 6)):
            text[chance.randrange(len(text))] = chance.choice(b'(){}[]" \\*\r\nA1~\x00\xff')
        damaged.append(bytes(text))

    async def outcome(fetched: bytes, timeout_s: float = 1.0) -> str:
        with Scripted(certificates, imap_server(fetched)) as server:
            settings = configured(certificates.ca, imap_port=server.port, timeout_s=timeout_s)
            async with reading(settings) as reader:
                try:
                    await ask(reader)
                except UpstreamError as error:
                    return error.message
        return "read"

    async def run() -> list[str]:
        answers = NONSENSE[1:] + damaged
        said = [await outcome(NONSENSE[0], PATIENCE_S)]
        for start in range(0, len(answers), 20):
            said += await asyncio.gather(*map(outcome, answers[start : start + 20]))
        return said

    said = asyncio.run(run())
    assert said[0] == "read"
    assert all(text == "read" or "localhost" in text for text in said)


def test_a_dead_server_delays_nothing_else(certificates: Certificates) -> None:
    """Whoever asks while too many wait is told so at once, and the loop goes on."""
    said: list[str] = []

    async def run(server: Scripted) -> bool:
        settings = configured(certificates.ca, imap_port=server.port, timeout_s=2.0)
        goes_on = False

        async def one() -> None:
            with pytest.raises(UpstreamError) as caught:
                await ask(reader)
            said.append(caught.value.message)

        async with reading(settings) as reader:
            asked = asyncio.gather(*(one() for _ in range(30)))
            while not asked.done():
                await asyncio.sleep(0.01)
                # Somebody waits, and nobody has waited in vain yet.
                goes_on |= server.connections > 0 and set(said) == {refused}
            await asked
        return goes_on

    refused = "localhost is slow, and too much waits for it already"
    with Scripted(certificates, never) as server:
        assert asyncio.run(run(server))
        # Sixteen are taken on, four at once; the others never reach the server.
        assert server.connections <= 16
    assert said[0] == refused


def test_after_failures_the_server_is_given_a_pause(certificates: Certificates) -> None:
    def leave(connection: ssl.SSLSocket) -> None:
        pass

    async def run(port: int) -> list[str]:
        said = []
        async with reading(configured(certificates.ca, imap_port=port)) as reader:
            for _ in range(8):
                with pytest.raises(HostFailed) as caught:
                    await ask(reader)
                said.append(caught.value.message)
        return said

    with Scripted(certificates, leave) as server:
        said = asyncio.run(run(server.port))
        assert server.connections == 5
    assert "asked again in" in said[-1]


def test_the_health_is_asked_for_at_most_once_a_minute(certificates: Certificates) -> None:
    async def run(port: int) -> None:
        async with reading(configured(certificates.ca, imap_port=port)) as reader:
            await asyncio.gather(*(reader.health() for _ in range(20)))

    with Scripted(certificates, imap_server(b"")) as server:
        asyncio.run(run(server.port))
        assert server.connections == 1
