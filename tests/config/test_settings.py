"""The configuration refuses what it does not understand, and says where and why."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pisovereign.config import Config
from pisovereign.config.loading import config_file, data_dir, masked, settings
from pisovereign.connectors.configuration import WholeConfig, load_config
from pisovereign.errors import StartError

USER = "550e8400-e29b-41d4-a716-446655440000"


def load(tmp_path: Path, toml: str = "", **environ: str) -> Config:
    path = tmp_path / "config.toml"
    path.write_text(toml, encoding="utf-8")
    return load_config({"PISOVEREIGN_CONFIG": str(path), **environ})


def refusal(tmp_path: Path, toml: str = "", **environ: str) -> str:
    with pytest.raises(StartError) as caught:
        load(tmp_path, toml, **environ)
    return str(caught.value)


def test_defaults_without_a_file(tmp_path: Path) -> None:
    assert load_config({"PISOVEREIGN_DATA_DIR": str(tmp_path)}) == WholeConfig()


def test_environment_wins_over_the_file(tmp_path: Path) -> None:
    config = load(tmp_path, "[server]\nport = 4000\nhost = '::1'", PISOVEREIGN_SERVER__PORT="5000")
    assert (config.server.port, config.server.host) == (5000, "::1")


def test_multi_word_variables_and_lists(tmp_path: Path) -> None:
    config = load(
        tmp_path,
        PISOVEREIGN_SECURITY__RATE_LIMIT_RPM="7",
        PISOVEREIGN_SERVER__TRUSTED_PROXIES='["10.0.0.0/8"]',
        PISOVEREIGN_TELEMETRY__ACCESS_LOG="false",
        PISOVEREIGN_INFERENCE__TEMPERATURE="1",
    )
    assert config.security.rate_limit_rpm == 7
    assert config.server.trusted_proxies == ("10.0.0.0/8",)
    assert config.telemetry.access_log is False
    assert config.inference.temperature == 1.0


def _schedule(cron: str) -> str:
    return f"""
[[agentic.schedules]]
name = "morning"
cron = "{cron}"
description = "Give me my briefing"
"""


@pytest.mark.parametrize(
    ("toml", "expected"),
    [
        ("[server]\nprot = 1", "server.prot is not a known field; did you mean server.port?"),
        (
            "[engine]\nembedding_model = 'x'",
            "engine.embedding_model is now memory.embedding_models, which takes a list",
        ),
        ("[memory]\nembedding_models = []", "memory.embedding_models"),
        ("[memory]\nembedding_models = ['x', 'x=384']", "must not name anything twice"),
        ("[memory]\nembedding_models = ['x=many']", "memory.embedding_models 'x=many' must be a"),
        ("[memory]\nembedding_models = ['x=9999']", "must have 8 to 2048 dimensions"),
        ("[sever]\nport = 1", "sever is not a known field; did you mean server?"),
        ("[server]\nport = 0", "server.port must be between 1 and 65535"),
        ("[server]\nport = '3000'", "server.port must be a whole number"),
        ("[server]\nhost = 3", "server.host must be a string"),
        ("[inference]\ntemperature = nan", "inference.temperature must be between 0.0 and 2.0"),
        ("[telemetry]\nlog_format = 'xml'", "telemetry.log_format must be one of json, text"),
        ("[server]\ntime_zone = 'Mars/Base'", "server.time_zone must be a time zone name"),
        ("[security.api_key_users]\n'sk-12345678' = 'me'", "user id 'me' must be a UUID"),
        (f"[[security.api_keys]]\nuser_id = '{USER}'", "security.api_keys[0].hash is required"),
        ("[security]\nblocked_networks = ['x']", "security.blocked_networks 'x' must be an IP"),
        (_schedule("61 * * * *"), "agentic.schedules[0].cron is no cron expression: bad minute"),
        (_schedule("0 7 * *"), "schedules[0].cron is no cron expression: wrong number of fields"),
        (_schedule("0 0 */20 * 1L"), "agentic.schedules[0].cron never comes true"),
        (_schedule("0 7 * * *") * 2, "agentic.schedules[1].name: there is another morning"),
        (
            _schedule("0 7 * * *") + "deliver = ['mail', 'mail']",
            "agentic.schedules[0].deliver must not name anything twice",
        ),
        (
            _schedule("0 7 * * *") + "deliver = ['sms']",
            "agentic.schedules[0].deliver must hold only events, mail, matrix, ntfy"
            ", push, telegram, whatsapp",
        ),
        ("[security]\nblocked_networks = [3]", "security.blocked_networks must hold only strings"),
        (
            _schedule("0 7 * * *") + "max_tokens = 99",
            "agentic.schedules[0].max_tokens must be 0 or at least 100",
        ),
        (
            _schedule("0 7 * * *") + "timeout_s = 0.001",
            "agentic.schedules[0].timeout_s must be 0 or at least 1",
        ),
        ("[reminders]\ndeliver = ['events', 'events']", "reminders.deliver must not name anything"),
        ("server = 3", "server must be an object"),
        ("a =", "not valid TOML"),
    ],
)
def test_faults_name_file_and_key(tmp_path: Path, toml: str, expected: str) -> None:
    message = refusal(tmp_path, toml)
    assert expected in message
    assert str(tmp_path / "config.toml") in message


def test_a_schedule_takes_the_limits_that_all_tasks_may_have(tmp_path: Path) -> None:
    for tokens, seconds in ((0, 0), (100, 1)):
        limits = f"max_tokens = {tokens}\ntimeout_s = {seconds}"
        (schedule,) = load(tmp_path, _schedule("0 7 * * *") + limits).agentic.schedules
        assert (schedule.max_tokens, schedule.timeout_s) == (tokens, seconds)


def test_every_fault_is_reported_at_once(tmp_path: Path) -> None:
    message = refusal(tmp_path, "[server]\nport = 0\nhots = 'x'", PISOVEREIGN_CHAT__CLOCK="maybe")
    assert len(message.splitlines()) == 3


@pytest.mark.parametrize(
    ("variable", "value", "expected"),
    [
        ("PISOVEREIGN_SERVER__HOTS", "x", "did you mean PISOVEREIGN_SERVER__HOST?"),
        ("PISOVEREIGN_SERVER__PORT", "99999", "PISOVEREIGN_SERVER__PORT must be between"),
        ("PISOVEREIGN_SERVER__PORT", "http", "PISOVEREIGN_SERVER__PORT must be a whole number"),
        (
            "PISOVEREIGN_ENGINE__EMBEDDING_MODEL",
            "x",
            "PISOVEREIGN_ENGINE__EMBEDDING_MODEL is now memory.embedding_models",
        ),
        ("PISOVEREIGN_DATADIR", "/x", "did you mean PISOVEREIGN_DATA_DIR?"),
    ],
)
def test_faults_in_the_environment(
    tmp_path: Path, variable: str, value: str, expected: str
) -> None:
    assert expected in refusal(tmp_path, **{variable: value})


def test_a_named_file_must_exist(tmp_path: Path) -> None:
    with pytest.raises(StartError, match="no such file"):
        load_config({"PISOVEREIGN_CONFIG": str(tmp_path / "none.toml")})


def test_plain_keys_are_refused_in_production_with_the_command_that_helps(tmp_path: Path) -> None:
    toml = (
        f"[server]\nenvironment = 'production'\n[security.api_key_users]\n'sk-12345678' = '{USER}'"
    )
    assert "pisovereign-cli migrate-keys" in refusal(tmp_path, toml)


def test_places(tmp_path: Path) -> None:
    assert data_dir({"XDG_DATA_HOME": "/x"}) == Path("/x/pisovereign")
    assert data_dir({"XDG_DATA_HOME": "/x", "PISOVEREIGN_DATA_DIR": "/y"}) == Path("/y")
    assert config_file({"PISOVEREIGN_DATA_DIR": "/y"}) == Path("/y/config.toml")


def test_masked_shows_no_secret(tmp_path: Path) -> None:
    digest = "blake2b$" + "a" * 22 + "$" + "b" * 43
    config = load(
        tmp_path,
        f"""
        [inference]
        api_key = "secret-one"
        [database]
        url = "postgresql://me:secret-two@db/x"
        [security.api_key_users]
        "secret-three" = "{USER}"
        [[security.api_keys]]
        hash = "{digest}"
        user_id = "{USER}"
        """,
    )
    shown = str(masked(config))
    assert "secret-" not in shown
    assert digest not in shown
    assert USER in shown


@given(st.sampled_from(list(settings(WholeConfig))), st.text(max_size=20))
def test_no_text_in_a_variable_crashes(setting: tuple[str, str, object, object], text: str) -> None:
    section, name, _, _ = setting
    variable = f"PISOVEREIGN_{section}__{name}".upper()
    environ = {"PISOVEREIGN_DATA_DIR": "/nonexistent", variable: text}
    try:
        message = str(load_config(environ)) and variable
    except StartError as error:
        message = str(error)
    assert variable in message
