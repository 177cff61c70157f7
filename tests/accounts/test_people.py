"""People who are invited, and keys of programs, through the real program."""

from __future__ import annotations

import datetime as dt

import psycopg
import pytest

from tests.accounts.support import Browser, invite, join, owned_tables, signed_in
from tests.support.server import ADMIN_KEY, ALICE, ALICE_KEY, Server

CODE_LINK = "/sign-in#"


def test_an_invitation_lets_one_person_in_once(owner: Browser) -> None:
    invited = invite(owner)
    code = invited["invitation"]["code"]
    assert invited["invitation"]["link"] == f"{owner.url}{CODE_LINK}{code}"
    assert invited["invitation"]["qr"].startswith("data:image/svg+xml")
    assert invited["person"]["state"] == "invited"
    ben = Browser(owner.url)
    typed = code.replace("-", " ").lower()
    me = ben.sign_in(code=typed, language="de-AT", time_zone="Europe/Vienna")
    assert (me["role"], me["scopes"]) == ("member", ["approve", "user"])
    assert (me["language"], me["time_zone"]) == ("de", "Europe/Vienna")
    again = Browser(owner.url).request("POST", "/v1/sign-in", json={"code": code})
    assert again.status_code == 401, "a code works once"
    ben.request("PATCH", "/v1/profile", json={"name": "Benedikt", "language": "fr"})
    names = {each["id"]: each["name"] for each in owner.request("GET", "/v1/people").json()}
    assert names[me["user_id"]] == "Benedikt"
    # The browser knows better only where nothing was chosen.
    second = owner.request("POST", f"/v1/people/{me['user_id']}/invitation").json()
    back = Browser(owner.url).sign_in(code=second["invitation"]["code"], language="en")
    assert (back["language"], back["joined"]) == ("fr", False)


def test_what_a_browser_says_and_nobody_knows_is_no_error(owner: Browser) -> None:
    browser, _ = join(owner, language="tlh", time_zone="Mars/Olympus")
    assert browser.me().json()["language"] == ""


def test_each_sees_their_own_things(owner: Browser, ben: tuple[Browser, str]) -> None:
    browser, _ = ben
    made = browser.request("POST", "/v1/lists", json={"name": "Ben's"}).json()
    assert [each["name"] for each in browser.request("GET", "/v1/lists").json()] == ["Ben's"]
    assert owner.request("GET", f"/v1/lists/{made['id']}").status_code == 404
    assert browser.request("GET", "/v1/people").status_code == 403


def test_another_device_is_signed_in_by_a_code_that_a_signed_in_one_shows(
    ben: tuple[Browser, str],
) -> None:
    browser, person = ben
    first = browser.request("POST", "/v1/sign-in-codes").json()
    code = browser.request("POST", "/v1/sign-in-codes").json()
    assert code["reach"] == "this_device", "127.0.0.1 means another device there"
    phone = Browser(browser.url)
    refused = phone.request("POST", "/v1/sign-in", json={"code": first["code"]})
    assert refused.status_code == 401, "a new code takes the place of the one before"
    assert phone.sign_in(code=code["code"])["user_id"] == person
    assert len(browser.request("GET", "/v1/sessions").json()) == 2


def test_a_code_that_is_over_signs_nobody_in(server: Server, ben: tuple[Browser, str]) -> None:
    browser, person = ben
    code = browser.request("POST", "/v1/sign-in-codes").json()["code"]
    with psycopg.connect(server.owner_dsn(), autocommit=True) as connection:
        connection.execute(
            "UPDATE sign_in_codes SET expires_at = now() WHERE user_id = %s", (person,)
        )
    answer = Browser(server.url).request("POST", "/v1/sign-in", json={"code": code})
    assert answer.status_code == 401


def test_a_role_counts_at_once(owner: Browser, ben: tuple[Browser, str]) -> None:
    browser, person = ben
    for role, status in (("owner", 200), ("restricted", 403), ("member", 403)):
        owner.request("PATCH", f"/v1/people/{person}", json={"role": role})
        assert browser.me().json()["role"] == role
        assert browser.request("GET", "/v1/people").status_code == status


def test_who_is_disabled_is_out_with_all_they_have_and_comes_back_by_invitation(
    owner: Browser, ben: tuple[Browser, str]
) -> None:
    browser, person = ben
    key = browser.request("POST", "/v1/api-keys", json={"name": "Script"}).json()["key"]
    bearer = {"headers": {"Authorization": f"Bearer {key}"}}
    program = Browser(owner.url)
    assert program.request("GET", "/v1/session", **bearer).status_code == 200
    code = browser.request("POST", "/v1/sign-in-codes").json()["code"]
    changed = owner.request("PATCH", f"/v1/people/{person}", json={"state": "disabled"})
    assert changed.json()["state"] == "disabled"
    assert browser.me().status_code == 401
    assert program.request("GET", "/v1/session", **bearer).status_code == 401
    refused = Browser(owner.url).request("POST", "/v1/sign-in", json={"code": code})
    assert refused.status_code == 401
    assert owner.request("POST", f"/v1/people/{person}/invitation").status_code == 409
    owner.request("PATCH", f"/v1/people/{person}", json={"state": "active"})
    again = owner.request("POST", f"/v1/people/{person}/invitation").json()["invitation"]
    assert Browser(owner.url).sign_in(code=again["code"])["user_id"] == person


def test_who_is_erased_leaves_nothing_but_the_audit_log(server: Server, owner: Browser) -> None:
    browser, person = join(owner)
    browser.request("POST", "/v1/lists", json={"name": "Secret"})
    browser.request(
        "POST", "/v1/reminders", json={"title": "Later", "remind_at": "2099-01-01T00:00:00Z"}
    )
    browser.request("POST", "/v1/memories", json={"content": "I like tea", "summary": "tea"})
    browser.request("POST", "/v1/api-keys", json={"name": "Script"})
    assert owner.request("DELETE", f"/v1/people/{person}").status_code == 422
    assert browser.me().status_code == 200
    assert owner.request("DELETE", f"/v1/people/{person}?confirm=erase").status_code == 204
    assert browser.me().status_code == 401
    with psycopg.connect(server.owner_dsn()) as connection:
        left = {
            table
            for table in owned_tables(server)
            if connection.execute(
                f"SELECT 1 FROM {table} WHERE user_id = %s LIMIT 1".encode(), (person,)
            ).fetchone()
        }
    assert left == {"audit_entries", "audit_heads"}
    assert person not in str(owner.request("GET", "/v1/people").json())


def test_nobody_who_is_there_is_erased_by_the_database(server: Server, owner: Browser) -> None:
    _, person = join(owner)
    refused = pytest.raises(psycopg.errors.RaiseException, match="disabled before")
    with psycopg.connect(server.database_dsn()) as connection, refused:
        connection.execute("SELECT erase_person(%s, %s)", (person, []))


def test_the_configuration_wins(owner: Browser) -> None:
    listed = {each["id"]: each for each in owner.request("GET", "/v1/people").json()}
    assert listed[ALICE]["configured"]
    for method, path, body in (
        ("PATCH", f"/v1/people/{ALICE}", {"role": "restricted"}),
        ("DELETE", f"/v1/people/{ALICE}?confirm=erase", None),
        ("POST", f"/v1/people/{ALICE}/invitation", None),
        ("PATCH", "/v1/profile", {"name": "Other"}),
    ):
        answer = owner.request(method, path, json=body)
        assert answer.status_code == 409, path
        assert "config.toml" in answer.json()["error"]["message"]


def test_only_who_may_administer_sees_and_invites_people(server: Server) -> None:
    alice = signed_in(server.url, key=ALICE_KEY)
    assert alice.request("GET", "/v1/people").status_code == 403
    answer = alice.request("POST", "/v1/people", json={"name": "Eve", "role": "owner"})
    assert answer.status_code == 403


def test_a_programs_key_does_no_more_than_it_was_made_for(ben: tuple[Browser, str]) -> None:
    browser, person = ben
    refused = browser.request(
        "POST", "/v1/api-keys", json={"name": "Too much", "scopes": ["user", "admin"]}
    )
    assert refused.status_code == 403
    made = browser.request("POST", "/v1/api-keys", json={"name": "Script", "expires_in_days": 1})
    key = made.json()["key"]
    bearer = {"headers": {"Authorization": f"Bearer {key}"}}
    me = Browser(browser.url).request("GET", "/v1/session", **bearer).json()
    assert (me["user_id"], me["scopes"], me["session"]) == (person, ["user"], None)
    for path in ("/v1/api-keys", "/v1/sign-in-codes", "/v1/passkeys/options"):
        body = {"name": "More"} if path == "/v1/api-keys" else None
        answer = Browser(browser.url).request("POST", path, json=body, **bearer)
        assert answer.status_code == 403, path
    listed = browser.request("GET", "/v1/api-keys").json()
    assert [(each["name"], each["scopes"]) for each in listed] == [("Script", ["user"])]
    assert key not in str(listed)
    page = Browser(browser.url)
    page.sign_in(key=key)
    assert browser.request("DELETE", f"/v1/api-keys/{listed[0]['id']}").status_code == 204
    assert Browser(browser.url).request("GET", "/v1/session", **bearer).status_code == 401
    assert page.me().status_code == 401, "a session ends with the key that it was made with"


def test_keys_are_their_owners(owner: Browser, ben: tuple[Browser, str]) -> None:
    browser, _ = ben
    mine = owner.request("POST", "/v1/api-keys", json={"name": "Owner's"}).json()
    assert browser.request("DELETE", f"/v1/api-keys/{mine['id']}").status_code == 404
    assert owner.request("DELETE", f"/v1/api-keys/{mine['id']}").status_code == 204
    configured = [
        each for each in owner.request("GET", "/v1/api-keys").json() if each["configured"]
    ]
    assert "owner" in {each["name"] for each in configured}
    assert ADMIN_KEY not in str(configured)


def test_reminders_of_people_who_were_invited_ring(ben: tuple[Browser, str]) -> None:
    browser, _ = ben
    now = dt.datetime.now(dt.UTC).isoformat()
    made = browser.request("POST", "/v1/reminders", json={"title": "Tea", "remind_at": now})
    assert made.status_code == 201, made.text
    with browser.request("GET", "/v1/events?after=0", stream=True) as stream:
        for line in stream.iter_lines(chunk_size=1):
            if line == b"event: reminder_due":
                return
    raise AssertionError("the stream ended before")
