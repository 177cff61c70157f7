"""Nothing that was begun outlives the right to it."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import uuid4

from pisovereign.api_keys import hash_key
from tests.accounts.support import Browser, signed_in
from tests.support.api_process import ApiProcess
from tests.support.server import Server


def program_key(browser: Browser, *scopes: str, **more: int) -> dict[str, Any]:
    body = {"name": "Program", "scopes": list(scopes), **more}
    answer = browser.request("POST", "/v1/api-keys", json=body)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def test_a_programs_key_makes_no_people_who_would_outlive_it(server: Server) -> None:
    owner = signed_in(server.url)
    invited = owner.request("POST", "/v1/people", json={"name": "Ben"}).json()["person"]["id"]
    made = program_key(owner, "user", "approve", "admin")
    bearer = {"headers": {"Authorization": f"Bearer {made['key']}"}}
    program, page = Browser(server.url), Browser(server.url)
    page.sign_in(key=made["key"])
    for method, path, body in (
        ("POST", "/v1/people", {"name": "Mallory", "role": "owner"}),
        ("POST", f"/v1/people/{invited}/invitation", None),
        ("PATCH", f"/v1/people/{invited}", {"role": "owner"}),
        ("DELETE", f"/v1/people/{invited}?confirm=erase", None),
        ("POST", "/v1/system/backups/any.backup/restore", {"passphrase": "five random words"}),
    ):
        for answer in (
            program.request(method, path, json=body, **bearer),
            page.request(method, path, json=body),
        ):
            assert answer.status_code == 403, path
            assert "program's key" in answer.json()["error"]["message"], path
    assert program.request("GET", "/v1/people", **bearer).status_code == 200
    owner.request("DELETE", f"/v1/api-keys/{made['id']}")
    owner.request("DELETE", f"/v1/people/{invited}?confirm=erase")


def test_nobody_gives_others_more_than_they_have(server: Server, tmp_path: Path) -> None:
    keeper = "sk-keeper-0123456789abcdef"
    entry = f"""
[[security.api_keys]]
name = "keeper"
hash = "{hash_key(keeper)}"
user_id = "{uuid4()}"
scopes = ["user", "admin"]
"""
    config = tmp_path / "config.toml"
    config.write_text((server.data_dir / "config.toml").read_text() + entry)
    config.chmod(0o600)
    owner = signed_in(server.url)
    ben = owner.request("POST", "/v1/people", json={"name": "Ben", "role": "owner"}).json()
    path = f"/v1/people/{ben['person']['id']}"
    with ApiProcess(server, PISOVEREIGN_CONFIG=str(config)) as api:
        browser = signed_in(api.url, key=keeper)
        for method, where, body in (
            ("POST", "/v1/people", {"name": "Mallory", "role": "owner"}),
            ("POST", "/v1/people", {"name": "Mallory", "role": "member"}),
            ("POST", f"{path}/invitation", None),
            ("PATCH", path, {"state": "active"}),
        ):
            answer = browser.request(method, where, json=body)
            assert answer.status_code == 403, where
            assert "'approve'" in answer.json()["error"]["message"]
        body = {"name": "Guest", "role": "restricted"}
        guest = browser.request("POST", "/v1/people", json=body)
        assert guest.status_code == 201
        browser.request("DELETE", f"/v1/people/{guest.json()['person']['id']}?confirm=erase")
    owner.request("DELETE", f"{path}?confirm=erase")


def test_a_session_ends_when_the_key_that_it_was_made_with_expires(server: Server) -> None:
    owner = signed_in(server.url)
    made = program_key(owner, "user", expires_in_days=1)
    page = Browser(server.url)
    page.sign_in(key=made["key"])
    session = page.me().json()["session"]
    listed = {each["id"]: each for each in page.request("GET", "/v1/sessions").json()}
    assert listed[session]["expires_at"] <= made["expires_at"]
    owner.request("DELETE", f"/v1/api-keys/{made['id']}")


def test_a_code_does_not_bring_back_a_device_that_was_signed_out(server: Server) -> None:
    phone, other = signed_in(server.url), signed_in(server.url)
    for path in (f"/v1/sessions/{phone.me().json()['session']}", "/v1/sessions"):
        code = phone.request("POST", "/v1/sign-in-codes").json()["code"]
        assert other.request("DELETE", path).status_code == 204
        assert phone.me().status_code == 401
        answer = phone.request("POST", "/v1/sign-in", json={"code": code})
        assert answer.status_code == 401, path
        phone = signed_in(server.url)


def test_another_page_does_not_use_up_the_attempts_of_who_visits_it(server: Server) -> None:
    with ApiProcess(server, PISOVEREIGN_SECURITY__SIGN_IN_ATTEMPTS="3") as api:
        elsewhere = Browser(api.url, origin="http://elsewhere.example")
        for _ in range(40):
            answer = elsewhere.request("POST", "/v1/sign-in", data="{}")
            assert answer.status_code == 403
        Browser(api.url).sign_in()
