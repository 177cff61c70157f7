"""Sessions by cookie, through the real program: who gets one, what it may do, and how it ends."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
import requests

from pisovereign.accounts.changes import LOOK_S
from tests.accounts.support import COOKIE, Browser, signed_in
from tests.support.api_process import ApiProcess
from tests.support.patience import PATIENCE_S
from tests.support.server import (
    ADMIN_KEY,
    AGENT_KEY,
    ALICE,
    ALICE_KEY,
    BOB,
    BOB_KEY,
    Server,
    text_lines,
    wait_until,
)

_LISTENING = "SELECT FROM pg_stat_activity WHERE query LIKE 'LISTEN%%' AND backend_start > %s"
REFUSED = "This key or code does not sign anybody in, or not any more"


def test_a_key_becomes_a_cookie_that_no_script_reads(server: Server) -> None:
    browser = Browser(server.url)
    answer = browser.request("POST", "/v1/sign-in", json={"key": ADMIN_KEY})
    assert answer.status_code == 201
    cookie = answer.headers["Set-Cookie"]
    name, _, rest = cookie.partition("=")
    parts = {part.strip().lower() for part in rest.split(";")[1:]}
    assert name == COOKIE
    assert {"httponly", "path=/", "samesite=strict", f"max-age={60 * 86400}"} <= parts
    assert "secure" not in parts, "this came by plain HTTP"
    assert not any(part.startswith("domain") for part in parts)
    me = browser.me().json()
    assert (me["user_id"], me["role"], me["configured"]) == (ALICE, "owner", True)
    assert ADMIN_KEY not in answer.text
    assert browser.request("GET", "/v1/conversations").status_code == 200


def test_what_a_session_may_do_is_what_its_key_may(server: Server) -> None:
    agent = signed_in(server.url, key=AGENT_KEY)
    assert agent.me().json()["scopes"] == ["user"]
    assert agent.request("GET", "/v1/people").status_code == 403
    assert signed_in(server.url).request("GET", "/v1/people").status_code == 200


@pytest.mark.parametrize(
    "body",
    [{"key": "sk-wrong-0123456789"}, {"code": "K7QM-2XRD"}, {"key": "ü"}, {"code": "\u0661"}],
)
def test_whatever_is_wrong_the_answer_is_the_same(server: Server, body: dict[str, str]) -> None:
    answer = Browser(server.url).request("POST", "/v1/sign-in", json=body)
    assert answer.status_code == 401
    assert answer.json()["error"]["message"] == REFUSED
    assert "Set-Cookie" not in answer.headers


def test_a_key_and_a_code_are_not_given_together(server: Server) -> None:
    for body in ({}, {"key": ADMIN_KEY, "code": "K7QM-2XRD"}):
        assert Browser(server.url).request("POST", "/v1/sign-in", json=body).status_code == 400


def test_a_header_counts_alone_and_a_wrong_one_is_not_made_good_by_a_cookie(server: Server) -> None:
    browser = signed_in(server.url)
    bob = browser.request("GET", "/v1/session", headers={"Authorization": f"Bearer {BOB_KEY}"})
    assert (bob.json()["user_id"], bob.json()["session"]) == (BOB, None)
    for wrong in ("Bearer sk-wrong-0123456789", "", "Basic QTpC"):
        answer = browser.request("GET", "/v1/session", headers={"Authorization": wrong})
        assert answer.status_code == 401


def test_a_session_that_was_there_before_is_not_taken_over(server: Server) -> None:
    """Fixation: whoever put a token into a browser does not know the one that signing in gives."""
    browser = Browser(server.url)
    browser.session.cookies.set(COOKIE, "a-token-of-somebody-else")
    browser.sign_in()
    first = browser.session.cookies.get(COOKIE, domain="127.0.0.1")
    assert first != "a-token-of-somebody-else"
    again = Browser(server.url)
    again.session.cookies.set(COOKIE, str(first))
    again.sign_in()
    # The earlier token is over, also for whoever kept it.
    replayed = requests.get(
        f"{server.url}/v1/session", headers={"Cookie": f"{COOKIE}={first}"}, timeout=PATIENCE_S
    )
    assert replayed.status_code == 401


def test_of_two_cookies_none_counts(server: Server) -> None:
    browser = signed_in(server.url)
    both = f"{COOKIE}={browser.token}; {COOKIE}=another"
    answer = requests.get(f"{server.url}/v1/session", headers={"Cookie": both}, timeout=PATIENCE_S)
    assert answer.status_code == 401


def test_signing_out_ends_the_session_also_for_who_kept_the_token(server: Server) -> None:
    browser = signed_in(server.url)
    token = browser.token
    assert browser.request("DELETE", "/v1/session").status_code == 204
    assert browser.token is None
    kept = {"Cookie": f"{COOKIE}={token}"}
    assert (
        requests.get(f"{server.url}/v1/session", headers=kept, timeout=PATIENCE_S).status_code
        == 401
    )


def test_sessions_are_listed_and_ended_by_their_owner_only(server: Server) -> None:
    phone = Browser(server.url, agent="Mozilla/5.0 (Android 15; Mobile; rv:140.0) Firefox/140.0")
    phone.sign_in(key=ALICE_KEY)
    other, bob = signed_in(server.url, key=ALICE_KEY), signed_in(server.url, key=BOB_KEY)
    listed = {each["id"]: each for each in other.request("GET", "/v1/sessions").json()}
    mine = str(phone.me().json()["session"])
    assert listed[mine]["device"] == "Firefox, Android"
    assert (listed[mine]["network"], listed[mine]["current"]) == ("this device", False)
    assert bob.request("DELETE", f"/v1/sessions/{mine}").status_code == 404
    assert phone.me().status_code == 200
    assert other.request("DELETE", f"/v1/sessions/{mine}").status_code == 204
    assert phone.me().status_code == 401
    third = signed_in(server.url, key=ALICE_KEY)
    assert other.request("DELETE", "/v1/sessions").status_code == 204
    assert [third.me().status_code, other.me().status_code] == [401, 200]
    assert bob.me().status_code == 200


def test_tokens_and_codes_are_nowhere_in_the_database(server: Server) -> None:
    browser = signed_in(server.url)
    token = browser.token
    assert token
    code = browser.request("POST", "/v1/sign-in-codes").json()["code"]
    made = browser.request("POST", "/v1/api-keys", json={"name": "At rest"}).json()
    with psycopg.connect(server.owner_dsn()) as connection:
        for table in ("sessions", "sign_in_codes", "api_keys"):
            rows = str(connection.execute(f"SELECT * FROM {table}".encode()).fetchall())
            for secret in (token, code, code.replace("-", ""), made["key"]):
                assert secret not in rows
    assert token not in server.log()
    browser.request("DELETE", f"/v1/api-keys/{made['id']}")


@pytest.fixture(scope="module")
def pair(server: Server) -> Iterator[ApiProcess]:
    """A second process on the same database; each hears of the other's changes."""
    with psycopg.connect(server.owner_dsn(), autocommit=True) as connection:
        (begun,) = connection.execute("SELECT now()").fetchone() or (None,)

        def both_listen() -> bool:
            rows = connection.execute(_LISTENING, (begun,)).fetchall()
            return len(rows) >= 2

        with ApiProcess(server, PISOVEREIGN_SERVER__WORKERS="2") as api:
            wait_until(both_listen, PATIENCE_S, "both workers to listen")
            yield api


def test_a_session_works_in_every_process_and_survives_a_restart(server: Server) -> None:
    browser = signed_in(server.url)
    with ApiProcess(server) as api:
        browser.url = browser.origin = api.url
        assert browser.me().status_code == 200


def test_what_is_revoked_ends_at_once_in_all_workers(pair: ApiProcess) -> None:
    first, second = signed_in(pair.url), signed_in(pair.url)
    for _ in range(20):  # both workers know it now
        assert second.me().status_code == 200
    assert (
        first.request("DELETE", f"/v1/sessions/{second.me().json()['session']}").status_code == 204
    )

    def seen(count: int) -> set[int]:
        found = set()
        for _ in range(count):
            with requests.Session() as fresh:  # a connection of its own: to whichever worker
                headers = {"Cookie": f"{COOKIE}={second.token}"}
                answer = fresh.get(f"{pair.url}/v1/session", headers=headers, timeout=PATIENCE_S)
                found.add(answer.status_code)
        return found

    # Another worker hears of it within milliseconds, if it is given the processor for that.
    wait_until(lambda: seen(10) == {401}, LOOK_S / 2, "the end in both workers")
    assert seen(30) == {401}


def test_a_stream_ends_with_the_session_that_reads_it(server: Server) -> None:
    reader, other = signed_in(server.url), signed_in(server.url)
    with reader.request("GET", "/v1/events", stream=True) as stream:
        lines = text_lines(stream)
        assert next(lines).startswith("retry:")
        other.request("DELETE", f"/v1/sessions/{reader.me().json()['session']}")
        for _ in lines:  # heartbeats at most; it ends, where it would go on for ever
            pass
    assert reader.me().status_code == 401


def test_attempts_are_limited_by_themselves_and_signed_in_ones_go_on(server: Server) -> None:
    with ApiProcess(server, PISOVEREIGN_SECURITY__SIGN_IN_ATTEMPTS="10") as api:
        inside = signed_in(api.url)
        browser = Browser(api.url)
        wrong = [
            browser.request("POST", "/v1/sign-in", json={"key": f"sk-wrong-{i:010}"}).status_code
            for i in range(12)
        ]
        assert wrong == [401] * 10 + [429] * 2
        right = browser.request("POST", "/v1/sign-in", json={"key": ADMIN_KEY})
        assert right.status_code == 429, "also a right one waits: nothing is learned from it"
        assert int(right.headers["Retry-After"]) <= 60
        assert inside.me().status_code == 200


def test_signing_in_is_in_the_audit_log(server: Server) -> None:
    browser = signed_in(server.url, key=BOB_KEY)
    newest = browser.request("GET", "/v1/audit?limit=1").json()[0]
    assert (newest["event"], newest["kind"]) == ("signed_in", "session")
    assert newest["subject"] == browser.me().json()["session"]
    assert browser.request("GET", "/v1/audit/verify").json()["intact"]


def test_sessions_do_not_outlive_their_time(server: Server, pair: ApiProcess) -> None:
    browser = signed_in(server.url)
    identifier = browser.me().json()["session"]
    with psycopg.connect(server.owner_dsn(), autocommit=True) as connection:
        connection.execute(
            "UPDATE sessions SET used_at = now() - interval '61 days' WHERE id = %s", (identifier,)
        )
    browser.url = browser.origin = pair.url  # which has not seen this session yet
    assert browser.me().status_code == 401


def test_a_cookie_is_renewed_while_it_is_used(server: Server, pair: ApiProcess) -> None:
    browser = signed_in(server.url)
    identifier = browser.me().json()["session"]
    with psycopg.connect(server.owner_dsn(), autocommit=True) as connection:
        connection.execute(
            "UPDATE sessions SET renewed_at = now() - interval '2 days' WHERE id = %s",
            (identifier,),
        )
    browser.url = browser.origin = pair.url
    answers = [browser.me() for _ in range(2)]
    assert [COOKIE in answer.headers.get("Set-Cookie", "") for answer in answers] == [True, False]
