"""API keys: generation, hashing, recognition and the file of a fresh installation."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from pisovereign.api_keys import (
    ALL_SCOPES,
    KeyRing,
    generate_key,
    hash_key,
    load_owner_key,
    owner_key_file,
)
from pisovereign.config import ApiKey, SecurityConfig
from pisovereign.errors import StartError

USER = "550e8400-e29b-41d4-a716-446655440000"
OTHER = "6ba7b810-9dad-11d1-80b4-00c04fd430c8"


def test_plain_and_hashed_keys_are_recognized() -> None:
    hashed = ApiKey(hash=hash_key("sk-second"), user_id=OTHER, scopes=("admin",))
    ring = KeyRing(SecurityConfig(api_key_users={"sk-first-": USER}, api_keys=(hashed,)))
    first, second = ring.identify("sk-first-"), ring.identify("sk-second")
    assert first is not None
    assert str(first.user_id) == USER
    assert first.scopes == {"user", "approve"}
    assert second is not None
    assert str(second.user_id) == OTHER
    assert second.scopes == {"admin"}


@pytest.mark.parametrize("key", ["", "sk-firs", "sk-first-x", "SK-FIRST-", "\0", "ü" * 200])
def test_other_keys_are_not(key: str) -> None:
    ring = KeyRing(SecurityConfig(api_key_users={"sk-first-": USER}))
    assert ring.identify(key) is None


def test_hashes_are_salted_and_fit_the_configuration() -> None:
    one, two = hash_key("sk-same-key"), hash_key("sk-same-key")
    assert one != two
    assert "sk-same-key" not in one
    assert KeyRing(SecurityConfig(api_keys=(ApiKey(hash=one, user_id=USER),))).identify(
        "sk-same-key"
    )


def test_generated_keys_differ() -> None:
    assert len({generate_key() for _ in range(100)}) == 100


def test_owner_key_is_made_once_and_private(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    key = load_owner_key(SecurityConfig(), folder)
    assert key is not None
    assert load_owner_key(SecurityConfig(), folder) == key
    assert owner_key_file(folder).stat().st_mode & 0o777 == 0o600
    owner = KeyRing(SecurityConfig(), key).identify(key)
    assert owner is not None
    assert owner.scopes == ALL_SCOPES


def test_starting_twice_at_once_agrees_on_one_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(lambda _: load_owner_key(SecurityConfig(), tmp_path), range(16)))
    assert len(keys) == 1


def test_no_owner_key_beside_configured_ones(tmp_path: Path) -> None:
    assert load_owner_key(SecurityConfig(api_key_users={"sk-first-": USER}), tmp_path) is None
    assert not owner_key_file(tmp_path).exists()


def test_a_readable_or_empty_key_file_is_refused(tmp_path: Path) -> None:
    load_owner_key(SecurityConfig(), tmp_path)
    owner_key_file(tmp_path).chmod(0o644)
    with pytest.raises(StartError, match="chmod 600"):
        load_owner_key(SecurityConfig(), tmp_path)
    owner_key_file(tmp_path).chmod(0o600)
    owner_key_file(tmp_path).write_text("")
    with pytest.raises(StartError, match="no usable key"):
        load_owner_key(SecurityConfig(), tmp_path)
