"""TLS of the running program: its own authority, given files, and what goes without TLS."""

from __future__ import annotations

import contextlib
import http.client
import json
import plistlib
import socket
import ssl
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
import trustme
from cryptography import x509

from pisovereign.tls.authority import Authority, fingerprint
from pisovereign.tls.own_certificate import authority_file
from tests.support.patience import PATIENCE_S
from tests.support.server import ALICE_KEY, TWO_USERS, Server, free_port, wait_until

NAME = "assistant.example"
OWN = socket.gethostname().partition(".")[0].lower()
RENEWED_WITHIN_S = 60.0


class Secure:
    """A server with TLS on a second port."""

    def __init__(self, server: Server, port: int, ca: bytes) -> None:
        self.server = server
        self.port = port
        self.context = ssl.create_default_context(cadata=ca.decode())

    def connect(self, name: str = "localhost") -> http.client.HTTPSConnection:
        """Connect as if `name` led here."""
        raw = socket.create_connection(("127.0.0.1", self.port), PATIENCE_S)
        connection = http.client.HTTPSConnection(name, self.port, timeout=PATIENCE_S)
        connection.sock = self.context.wrap_socket(raw, server_hostname=name)
        return connection

    def serial(self) -> int:
        """The number of the certificate that a new connection is shown."""
        with contextlib.closing(self.connect()) as connection:
            sent = connection.sock.getpeercert(binary_form=True)
            assert isinstance(sent, bytes)
            return x509.load_der_x509_certificate(sent).serial_number

    def plain(self, path: str, host: str, **options: object) -> requests.Response:
        """Ask without TLS, as somebody in the network does who was told `host`."""
        headers = {"Host": host, **options.pop("headers", {})}  # type: ignore[dict-item]
        method = str(options.pop("method", "GET"))
        return requests.request(
            method,
            f"{self.server.url}{path}",
            headers=headers,
            allow_redirects=False,
            timeout=PATIENCE_S,
            **options,  # type: ignore[arg-type]
        )

    def cli(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "pisovereign.cli.main", "tls", *arguments],
            env=self.server.environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )


@pytest.fixture(scope="module")
def own(models_dir: Path) -> Iterator[Secure]:
    """A server with an authority of its own, and two workers."""
    port, folder = free_port(), Path(tempfile.mkdtemp(prefix="pisov-tls-"))
    server = Server(
        folder,
        models_dir,
        TWO_USERS,
        PISOVEREIGN_TLS__MODE="own-ca",
        PISOVEREIGN_TLS__PORT=str(port),
        PISOVEREIGN_SERVER__NAMES=json.dumps([NAME]),
        PISOVEREIGN_SERVER__WORKERS="2",
    )
    try:
        server.start()
        yield Secure(server, port, Authority.load(authority_file(folder).read_bytes()).pem)
    finally:
        server.remove()


def read(connection: http.client.HTTPSConnection, path: str) -> tuple[int, dict[str, str], bytes]:
    connection.request("GET", path, headers={"Authorization": f"Bearer {ALICE_KEY}"})
    answer = connection.getresponse()
    return answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read()


def test_api_answers_with_tls_and_says_how_it_stands(own: Secure) -> None:
    with contextlib.closing(own.connect(f"{OWN}.local")) as connection:
        status, headers, body = read(connection, "/v1/system/tls")
    state = json.loads(body)
    assert status == 200
    assert (state["mode"], state["port"], state["trust_page"]) == ("own-ca", own.port, "/trust")
    assert {NAME, "localhost", "127.0.0.1"} <= set(state["names"])
    assert "strict-transport-security" not in headers
    shown = own.cli("status")
    assert state["fingerprint"] in shown.stdout, shown.stderr


def test_browsers_insist_on_tls_only_for_names_of_ones_own(own: Secure) -> None:
    with contextlib.closing(own.connect(NAME)) as connection:
        assert read(connection, "/health")[1]["strict-transport-security"] == "max-age=2592000"
    for name in (f"{OWN}.local", "127.0.0.1", "localhost"):
        with contextlib.closing(own.connect(name)) as connection:
            assert "strict-transport-security" not in read(connection, "/health")[1]


def test_renewal_drops_no_connection_and_needs_no_restart(own: Secure) -> None:
    first = own.serial()
    with contextlib.closing(own.connect()) as open_before:
        assert read(open_before, "/health")[0] == 200
        done = own.cli("renew")
        assert done.returncode == 0, done.stderr
        wait_until(
            lambda: first not in {own.serial() for _ in range(8)},
            RENEWED_WITHIN_S,
            "both workers show the new certificate",
        )
        assert read(open_before, "/health")[0] == 200


def test_without_tls_nothing_is_answered_but_what_leads_to_it(own: Secure) -> None:
    host = f"{OWN}.local:{own.server.port}"
    led = own.plain("/chat/x%20y?q=a%26b", host)
    assert led.status_code == 307
    assert led.headers["Location"] == f"https://{OWN}.local:{own.port}/chat/x%20y?q=a%26b"
    assert led.headers["Cache-Control"] == "no-store"
    assert own.plain("/", host).headers["Location"] == "/trust#open"
    for probe in ("/health", "/ready"):
        assert own.plain(probe, host).status_code in (200, 503)
    key = {"Authorization": f"Bearer {ALICE_KEY}"}
    for refused in (
        own.plain("/v1/memories", host, headers=key),
        own.plain("/v1/chat", host, method="POST", json={"message": "Hello"}),
    ):
        assert refused.status_code == 403
        assert f"https://{OWN}.local:{own.port}" in refused.json()["error"]["message"]
    # A forwarded request was not made by this machine, whatever its Host header says.
    forwarded = own.plain("/v1/memories", "localhost", headers={"X-Forwarded-For": "10.0.0.9"})
    assert forwarded.status_code == 307


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:443", "localhost@evil.example", "", "a b"]
)
def test_nobody_is_led_to_another_host(own: Secure, host: str) -> None:
    answer = own.plain("//evil.example/", host)
    assert answer.status_code in (400, 403)
    assert "Location" not in answer.headers


def test_trust_page_says_the_same_as_the_device(own: Secure) -> None:
    host = f"{OWN}.local:{own.server.port}"
    page = own.plain("/trust", host, headers={"Accept-Language": "de"})
    authority = Authority.load(authority_file(own.server.data_dir).read_bytes()).certificate
    assert page.status_code == 200
    assert 'lang="de"' in page.text
    assert fingerprint(authority) in page.text
    assert f"connect-src https://{OWN}.local:{own.port};" in page.headers["Content-Security-Policy"]
    sent = own.plain("/trust/authority.crt", host)
    assert x509.load_der_x509_certificate(sent.content) == authority
    assert sent.headers["Content-Type"] == "application/x-x509-ca-cert"
    profile = plistlib.loads(own.plain("/trust/authority.mobileconfig", host).content)
    assert profile["PayloadContent"][0]["PayloadContent"] == sent.content
    assert own.plain("/trust/qr.svg", host).text.startswith("<?xml")
    for path in ("/trust", "/trust/authority.pem", "/trust/authority.crt"):
        assert b"PRIVATE" not in own.plain(path, host).content
    assert own.plain("/trust", "evil.example").status_code == 403
    exported = own.cli("export-ca")
    assert exported.stdout == own.plain("/trust/authority.pem", host).text
    assert "PRIVATE" not in exported.stdout


def test_given_files_are_read_again_and_broken_ones_are_not(
    models_dir: Path, data_dir: Path
) -> None:
    ca, port = trustme.CA(), free_port()
    chain, key = data_dir / "chain.pem", data_dir / "key.pem"

    def write() -> None:
        made = ca.issue_cert("localhost")
        chain.write_bytes(b"".join(blob.bytes() for blob in made.cert_chain_pems))
        key.write_bytes(made.private_key_pem.bytes())

    server = Server(
        data_dir,
        models_dir,
        PISOVEREIGN_TLS__MODE="files",
        PISOVEREIGN_TLS__PORT=str(port),
        PISOVEREIGN_TLS__CERTIFICATE_FILE=str(chain),
        PISOVEREIGN_TLS__KEY_FILE=str(key),
    )
    assert f"{chain}: No such file" in server.refused_start()
    write()
    given = Secure(server, port, ca.cert_pem.bytes())
    try:
        server.start()
        first = given.serial()
        key.write_bytes(b"half of a")
        wait_until(
            lambda: "the TLS certificate in use stays" in server.log(), RENEWED_WITHIN_S, "a line"
        )
        assert given.serial() == first
        write()
        wait_until(lambda: given.serial() != first, RENEWED_WITHIN_S, "the new certificate")
        assert given.plain("/trust", "localhost").status_code == 404
        led = given.plain("/", f"{OWN}.local")
        assert led.headers["Location"] == f"https://{OWN}.local:{port}/"
    finally:
        server.remove()
