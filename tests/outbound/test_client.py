"""What the client accepts from a server, how long it waits, and how often it asks."""

from __future__ import annotations

import asyncio
import gzip
import ssl
from collections.abc import Awaitable, Callable, Coroutine
from pathlib import Path

import pytest
import trustme

from pisovereign.errors import HostFailed, HostPaused, Refused
from pisovereign.net.hosts import AllowedHost
from pisovereign.outbound.breakers import Breakers
from pisovereign.outbound.client import Limits, OutboundClient
from pisovereign.outbound.gate import Gate
from pisovereign.outbound.reply import Reply
from pisovereign.outbound.tls import Tls
from tests.outbound.http_server import HttpServer, answer, serving
from tests.support.patience import PATIENCE_S

Scenario = Callable[[OutboundClient, str, HttpServer], Coroutine[None, None, None]]
LIMITS = Limits(connect_s=PATIENCE_S, total_s=PATIENCE_S, response_bytes=10_000, first_wait_s=0.001)


def here(host: str, port: int) -> list[str]:
    return ["127.0.0.1"]


def make(port: int, *, limits: Limits = LIMITS, ca: str = "", failures: int = 5) -> OutboundClient:
    gate = Gate([AllowedHost("server.example", port)], resolve=here)
    return OutboundClient(gate, Breakers(failures=failures), Tls(ca), limits)


def run(*answers: bytes | Callable[[asyncio.StreamWriter], Awaitable[None]],
        scenario: Scenario, limits: Limits = LIMITS, failures: int = 5) -> HttpServer:  # fmt: skip
    async def main() -> HttpServer:
        async with serving(*answers) as server:
            client = make(server.port, limits=limits, failures=failures)
            try:
                await scenario(client, f"http://server.example:{server.port}/path", server)
            finally:
                await client.close()
            return server

    return asyncio.run(main())


def get(expected: type[Exception] | int, match: str | None = None) -> Scenario:
    """One GET that ends in a status or an error."""

    async def scenario(client: OutboundClient, url: str, server: HttpServer) -> None:
        if isinstance(expected, int):
            assert (await client.get(url)).status == expected
            return
        with pytest.raises(expected, match=match):
            await client.get(url)

    return scenario


def test_an_answer_with_its_parameters_and_nothing_that_gives_the_user_away() -> None:
    async def scenario(client: OutboundClient, url: str, server: HttpServer) -> None:
        reply = await client.get(url, params={"name": "Köln & Bonn", "current": "a,b"})
        assert reply == Reply(200, reply.headers, b'{"ok":1}')
        assert reply.headers["x-extra"] == "yes"

    server = run(answer(200, b'{"ok":1}', "X-Extra: yes"), scenario=scenario)
    head = server.requests[0].decode()
    assert head.startswith("GET /path?name=K%C3%B6ln+%26+Bonn&current=a,b HTTP/1.1\r\n")
    names = {line.split(":")[0] for line in head.split("\r\n")[1:] if line}
    assert names == {"Host", "User-Agent", "Accept", "Accept-Encoding"}


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308, 304])
def test_redirects_are_not_followed(status: int) -> None:
    async def scenario(client: OutboundClient, url: str, server: HttpServer) -> None:
        with pytest.raises(Refused, match="redirects"):
            await client.get(url)

    server = run(
        answer(status, b"", "Location: http://server.example:1/private"), scenario=scenario
    )
    assert server.connections == 1


def test_a_redirect_to_this_machine_reaches_nothing() -> None:
    async def main() -> None:
        async with (
            serving(answer(200, b"secret")) as private,
            serving(answer(302, b"", f"Location: http://127.0.0.1:{private.port}/")) as public,
        ):
            client = make(public.port)
            with pytest.raises(Refused):
                await client.get(f"http://server.example:{public.port}/")
            await client.close()
            assert (public.connections, private.connections) == (1, 0)

    asyncio.run(main())


@pytest.mark.parametrize("status", [200, 400, 401, 404, 429])
def test_other_statuses_are_answers(status: int) -> None:
    assert run(answer(status), scenario=get(status)).connections == 1


def test_a_failing_server_is_asked_three_times() -> None:
    failing = answer(503)
    server = run(failing, scenario=get(HostFailed, "status 503"))
    assert server.connections == 3
    server = run(failing, failing, answer(200), scenario=get(200))
    assert server.connections == 3


def test_what_is_sent_is_sent_once() -> None:
    async def scenario(client: OutboundClient, url: str, server: HttpServer) -> None:
        reply = await client.post(url, b'{"a":1}', headers={"Content-Type": "application/json"})
        assert (reply.status, reply.body) == (500, b"no")

    async def gone(client: OutboundClient, url: str, server: HttpServer) -> None:
        with pytest.raises(HostFailed):
            await client.post(url, b"{}")

    async def leave(writer: asyncio.StreamWriter) -> None:
        writer.close()

    assert run(answer(500, b"no"), scenario=scenario).connections == 1
    assert run(leave, scenario=gone).connections == 1


def test_a_dead_host_is_given_a_pause() -> None:
    async def scenario(client: OutboundClient, url: str, server: HttpServer) -> None:
        for _ in range(2):
            with pytest.raises(HostFailed):
                await client.get(url)
        with pytest.raises(HostPaused):
            await client.get(url)

    assert run(answer(500), scenario=scenario, failures=4).connections == 4


def test_a_closed_port_is_reported_as_that() -> None:
    async def main() -> None:
        async with serving(answer(200)) as server:
            port = server.port
        client = make(port)
        with pytest.raises(HostFailed, match=f"server.example:{port} cannot be reached"):
            await client.get(f"http://server.example:{port}/")
        await client.close()

    asyncio.run(main())


def test_a_silent_server_is_not_waited_for() -> None:
    async def silent(writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(20)

    async def drip(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n")
        while True:
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0.02)

    for server in (silent, drip):

        async def scenario(client: OutboundClient, url: str, _: HttpServer) -> None:
            with pytest.raises(HostFailed, match="in time"):
                await client.get(url, timeout_s=0.3)

        run(server, scenario=scenario)


@pytest.mark.parametrize("chunked", [False, True])
def test_a_large_answer_is_not_read(chunked: bool) -> None:
    async def large(writer: asyncio.StreamWriter) -> None:
        head = "Transfer-Encoding: chunked" if chunked else f"Content-Length: {1 << 40}"
        writer.write(f"HTTP/1.1 200 OK\r\n{head}\r\n\r\n".encode())
        for _ in range(10_000):
            writer.write(b"400\r\n" + b"x" * 1024 + b"\r\n" if chunked else b"x" * 1024)
            await writer.drain()

    run(large, scenario=get(Refused, "too large"))


def test_a_compressed_answer_is_not_unpacked() -> None:
    bomb = gzip.compress(bytes(50_000_000))
    run(answer(200, bomb[:9000], "Content-Encoding: gzip"), scenario=get(Refused, "compressed"))


@pytest.mark.parametrize(
    "nonsense",
    [b"", b"hello\r\n\r\n", b"\x16\x03\x01\x02\x00",
     b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nx",
     b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", b"HTTP/1.1 200 OK\r\n" + b"a" * 100_000,
     b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"],
)  # fmt: skip
def test_nonsense_is_a_failure_of_the_host(nonsense: bytes) -> None:
    run(nonsense, scenario=get(HostFailed))


def test_plain_http_is_for_configured_hosts() -> None:
    async def main() -> None:
        client = OutboundClient(Gate(resolve=here), Breakers(), Tls(), LIMITS)
        with pytest.raises(Refused, match=r"only contacted with https.*outbound\.allow_hosts"):
            await client.get("http://weather.example/")
        await client.close()

    asyncio.run(main())


@pytest.mark.parametrize("header", [{"X": "a\r\nY: b"}, {"X\n": "a"}, {"X": "a\0"}])
def test_headers_hold_no_line_breaks(header: dict[str, str]) -> None:
    async def scenario(client: OutboundClient, url: str, server: HttpServer) -> None:
        with pytest.raises(Refused, match="line break"):
            await client.get(url, headers=header)

    assert run(answer(200), scenario=scenario).connections == 0


def test_proxies_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    assert run(answer(200), scenario=get(200)).connections == 1


def test_cookies_are_not_kept() -> None:
    async def scenario(client: OutboundClient, url: str, server: HttpServer) -> None:
        await client.get(url)
        await client.get(url)

    server = run(answer(200, b"", "Set-Cookie: track=1"), scenario=scenario)
    assert not any(b"track" in request for request in server.requests)


def _tls(name: str, ca: trustme.CA) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert(name).configure_cert(context)
    return context


@pytest.mark.parametrize(
    ("name", "known", "expected"),
    [
        ("server.example", True, None),
        ("other.example", True, Refused),
        ("server.example", False, Refused),
    ],
)
def test_certificates_are_verified(
    tmp_path: Path, name: str, known: bool, expected: type[Exception] | None
) -> None:
    ours, theirs = trustme.CA(), trustme.CA()
    ca_file = tmp_path / "ca.pem"
    ours.cert_pem.write_to_path(str(ca_file))

    async def main() -> None:
        async with serving(answer(200), tls=_tls(name, ours if known else theirs)) as server:
            client = make(server.port, ca=str(ca_file))
            url = f"https://server.example:{server.port}/"
            if expected is None:
                assert (await client.get(url)).status == 200
            else:
                with pytest.raises(expected, match=r"certificate.*not valid.*outbound\.ca_file"):
                    await client.get(url)
            await client.close()
            assert len(server.requests) == (expected is None)

    asyncio.run(main())


def test_an_unreadable_authority_is_named(tmp_path: Path) -> None:
    async def main() -> None:
        client = make(443, ca=str(tmp_path / "missing.pem"))
        with pytest.raises(Refused, match=r"outbound\.ca_file"):
            await client.get("https://server.example/")
        await client.close()

    asyncio.run(main())
