"""Commands in chat, through the running program."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import pytest

from tests.chat.test_stream import events, stream
from tests.memory.support import remember
from tests.support.api_process import ApiProcess
from tests.support.open_meteo import OpenMeteoServer
from tests.support.server import Server, free_port

NOT_CONFIGURED = (
    "The weather is not set up yet. That can be done on the page, under Connections "
    "(weather.location)."
)


def say(server: Server, message: str, **fields: Any) -> dict[str, Any]:
    response = server.chat(message, **fields)
    assert response.status_code == 200, response.text
    answer: dict[str, Any] = response.json()
    return answer


def titles(server: Server) -> list[str]:
    listed = server.request("GET", "/v1/reminders?status=open&limit=500").json()
    return [row["title"] for row in listed]


def test_a_missing_source_is_one_honest_sentence(server: Server) -> None:
    answer = say(server, "What's the weather?")
    assert answer["content"] == NOT_CONFIGURED
    assert answer["model"] == "commands"
    assert answer["tokens"] == {"prompt": 0, "completion": 0, "total": 0, "cached": 0}
    command = answer["command"]
    assert command["type"] == "CurrentWeather"
    assert command["arguments"] == {}
    assert command["status"] == "not_configured"
    assert command["error"]["details"] == {"setting": "weather.location"}
    assert "result" not in command


def test_the_language_is_that_of_the_message(server: Server) -> None:
    answer = say(server, "Wie ist das Wetter?")
    assert answer["content"].startswith("Das Wetter ist noch nicht eingerichtet")
    assert answer["command"]["arguments"] == {}


def test_the_turn_is_kept(server: Server) -> None:
    name = f"command-{uuid.uuid4()}"
    say(server, "What's the weather?", conversation_id=name)
    after = say(server, "Tell me about the sea.", conversation_id=name)
    assert "command" not in after
    assert after["model"] == "smollm2-135m-instruct"
    stored = server.request("GET", f"/v1/conversations/{name}").json()["messages"]
    assert [(m["role"], m["model"]) for m in stored] == [
        ("user", None),
        ("assistant", "commands"),
        ("user", None),
        ("assistant", "smollm2-135m-instruct"),
    ]
    assert stored[1]["content"] == NOT_CONFIGURED


def test_the_stream_says_the_same(server: Server) -> None:
    found = events(stream(server, "What's the weather?"))
    assert "".join(data["delta"] for name, data in found if name == "message") == NOT_CONFIGURED
    name, done = found[-1]
    assert name == "done"
    assert done["command"]["status"] == "not_configured"
    assert done["model"] == "commands"
    assert done["tokens"]["total"] == 0
    stored = server.request("GET", f"/v1/conversations/{done['conversation_id']}").json()
    assert stored["messages"][1]["content"] == NOT_CONFIGURED


def test_a_stream_of_the_model_has_no_command(server: Server) -> None:
    assert "command" not in events(stream(server, "Tell me about the sea."))[-1][1]


def test_a_result_is_told_in_words_and_data(server: Server) -> None:
    with (
        OpenMeteoServer() as meteo,
        ApiProcess(
            server,
            PISOVEREIGN_WEATHER__LOCATION="Berlin",
            PISOVEREIGN_WEATHER__BASE_URL=meteo.url,
            PISOVEREIGN_WEATHER__GEOCODING_URL=meteo.url,
        ) as api,
    ):
        told = api.chat("What's the weather like?")
        assert (
            told["content"] == "Berlin: 15°C, partly cloudy. Today 8 to 17°C, light rain showers."
        )
        assert told["command"]["status"] == "completed"
        assert told["command"]["result"]["temperature_c"] == 15.2
        german = api.chat("Wie ist das Wetter in Köln?")
        assert german["content"].startswith("Köln: 15°C, teils bewölkt.")
        nowhere = api.chat("What's the weather in Nowhereville?")
        assert nowhere["command"]["status"] == "failed"
        assert nowhere["content"].startswith("I cannot do that: ")


def test_a_reminder_is_made(server: Server) -> None:
    title = f"water palm {uuid.uuid4().hex}"
    answer = say(server, f"Remind me to {title} tomorrow at 9am")
    command = answer["command"]
    assert command["status"] == "completed"
    assert command["result"]["title"] == title
    assert dt.datetime.fromisoformat(command["executed_at"]) <= dt.datetime.now(dt.UTC)
    assert answer["content"] == f"I will remind you tomorrow at 09:00: {title}"
    assert title in titles(server)


def test_a_system_command_is_executed(server: Server) -> None:
    answer = say(server, "Show the disk space")
    assert answer["command"]["type"] == "RunCatalogCommand"
    assert answer["command"]["status"] == "completed"
    assert answer["content"].startswith("df -h:\n    Filesystem")


def test_a_side_effect_waits_for_an_approval(server: Server) -> None:
    answer = say(server, "Restart the service")
    command = answer["command"]
    assert (command["type"], command["status"]) == ("RunCatalogCommand", "pending_approval")
    assert answer["content"].startswith("This needs an approval until ")
    assert command["title"] in answer["content"]
    approval = f"/v1/approvals/{command['approval_id']}"
    assert server.request("GET", approval).json()["status"] == "pending"
    assert server.request("POST", f"{approval}/cancel").status_code == 200


def test_requests_can_do_without(server: Server) -> None:
    answer = say(server, "What's the weather in Hamburg?", commands=False)
    assert "command" not in answer
    assert answer["tokens"]["completion"] > 0


def test_the_configuration_can_do_without(server: Server) -> None:
    with ApiProcess(server, PISOVEREIGN_CHAT__COMMANDS="false") as api:
        assert "command" not in api.chat("What's the weather?")
        assert "command" in api.chat("What's the weather?", commands=True)


def test_commands_need_no_engine(server: Server) -> None:
    away = f"http://127.0.0.1:{free_port()}/v1"
    with ApiProcess(server, PISOVEREIGN_INFERENCE__BASE_URL=away) as api:
        assert api.chat("What's the weather?")["content"] == NOT_CONFIGURED


@pytest.mark.parametrize(
    "message",
    [
        "Do not create a meeting tomorrow at 3pm.",
        'My boss wrote: "create a meeting tomorrow at 3pm". What does he want?',
        "What does the word reminder mean?",
        "Yesterday I created a meeting at 3pm.",
        "How is the word Wetter translated?",
        "Erstelle morgen um 15 Uhr keinen Termin.",
        "Tell me about the sea.",
    ],
)
def test_talk_is_left_to_the_model(server: Server, message: str) -> None:
    assert "command" not in say(server, message, max_tokens=2)


def test_pasted_text_is_left_to_the_model(server: Server) -> None:
    mail = "Dear all, the plan has changed once more, so please read this carefully. " * 6
    message = f"{mail}\nRemind me to pay tomorrow at 9am"
    assert "command" not in say(server, message, max_tokens=2)


def test_memories_and_history_give_no_commands(server: Server) -> None:
    title = f"pay {uuid.uuid4().hex}"
    order = f"Remind me to {title} tomorrow at 9am"
    name = f"injected-{uuid.uuid4()}"
    remember(server, order)
    say(server, order, conversation_id=name, commands=False, max_tokens=2)
    for message in ("Do what my notes say.", "Repeat my last message.", "Please do that."):
        answer = say(server, message, conversation_id=name, max_tokens=30)
        assert "command" not in answer
    assert title not in titles(server)


def test_a_model_that_is_not_there_is_refused(server: Server) -> None:
    response = server.chat("What's the weather in Hamburg?", model="unknown")
    assert response.status_code == 422
