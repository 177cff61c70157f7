"""What waited, was under way or was told before there was one queue and one log is still there."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import psycopg

from pisovereign.storage.migrate import packaged_migrations, run_migrations

USER, OTHER, SUBJECT = uuid4(), uuid4(), uuid4()
LATER = "2100-01-01 00:00:00+00"


def _insert(connection: psycopg.Connection[Any], table: str, **values: Any) -> None:
    names = ", ".join(values)
    places = ", ".join(["%s"] * len(values))
    connection.execute(
        f"INSERT INTO {table} ({names}) VALUES ({places})".encode(), list(values.values())
    )


def _rows(connection: psycopg.Connection[Any], query: str) -> list[tuple[Any, ...]]:
    return connection.execute(query.encode()).fetchall()


def test_messages_that_wait_and_those_that_were_settled_become_jobs(empty_dsn: str) -> None:
    run_migrations(empty_dsn, packaged_migrations()[:10])
    ids = [uuid4() for _ in range(5)]
    with psycopg.connect(empty_dsn) as connection:
        _insert(connection, "sealing_keys", key_id="k")
        outbox: dict[str, Any] = {"user_id": USER, "about": "reminder", "subject": SUBJECT}
        outbox |= {"number": 0, "key_id": "k", "expires_at": LATER}
        _insert(
            connection, "outbox", id=ids[0], channel="mail", state="sending", payload=b"one",
            tries=2, lease_until=LATER, **outbox,
        )  # fmt: skip
        _insert(connection, "outbox", id=ids[1], channel="mail", payload=b"two", **outbox)
        _insert(
            connection, "outbox", id=ids[2], channel="whatsapp", state="sent", settled_at=LATER,
            **outbox,
        )  # fmt: skip
        inbox: dict[str, Any] = {"user_id": OTHER, "sender": SUBJECT, "kind": "text"}
        inbox |= {"key_id": "k", "sent_at": "2020-01-01 00:00:00+00"}
        _insert(
            connection, "whatsapp_inbox", id=ids[3], state="answering", payload=b"three",
            attempt=4, lease_until=LATER, **inbox,
        )  # fmt: skip
        _insert(connection, "whatsapp_inbox", id=ids[4], state="ignored", settled_at=LATER, **inbox)
    run_migrations(empty_dsn)
    with psycopg.connect(empty_dsn) as connection:
        assert _rows(
            connection,
            "SELECT user_id, queue, id, kind, subject, state, attempt, payload,"
            " lease_until IS NOT NULL, settled_at IS NOT NULL FROM jobs ORDER BY seq",
        ) == [
            (USER, "outbox.mail", ids[0], "reminder", SUBJECT, "running", 2, b"one", True, False),
            (USER, "outbox.mail", ids[1], "reminder", SUBJECT, "waiting", 0, b"two", False, False),
            (USER, "outbox.whatsapp", ids[2], "reminder", SUBJECT, "done", 0, None, False, True),
            (OTHER, "whatsapp_inbox", ids[3], "text", SUBJECT, "running", 4, b"three", True, False),
            (OTHER, "whatsapp_inbox", ids[4], "text", SUBJECT, "dropped", 0, None, False, True),
        ]


def test_events_of_users_and_tasks_become_streams_of_one_log(empty_dsn: str) -> None:
    run_migrations(empty_dsn, packaged_migrations()[:10])
    task: UUID = uuid4()
    with psycopg.connect(empty_dsn) as connection:
        _insert(connection, "sealing_keys", key_id="k")
        _insert(connection, "event_owners", user_id=USER, last_id=7, first_id=7)
        event: dict[str, Any] = {"user_id": USER, "key_id": "k"}
        _insert(connection, "events", id=7, kind="due", subject=SUBJECT, data=b"one", **event)
        _insert(
            connection, "agent_tasks", user_id=USER, id=task, status="completed", key_id="k",
            request=b"", asked_by="", last_event=2, finished_at=LATER,
        )  # fmt: skip
        for number in (1, 2):
            _insert(connection, "agent_events", task_id=task, id=number, kind="step", data=b"two",
                    **event)  # fmt: skip
    run_migrations(empty_dsn)
    with psycopg.connect(empty_dsn) as connection:
        assert _rows(
            connection, "SELECT stream, first_id, last_id FROM event_streams ORDER BY last_id"
        ) == [(task, 1, 2), (USER, 7, 7)]
        assert _rows(
            connection, "SELECT stream, id, kind, subject, data FROM events ORDER BY kind, id"
        ) == [
            (USER, 7, "due", SUBJECT, b"one"),
            (task, 1, "step", task, b"two"),
            (task, 2, "step", task, b"two"),
        ]


def test_tasks_and_approvals_that_are_not_over_get_jobs(empty_dsn: str) -> None:
    run_migrations(empty_dsn, packaged_migrations()[:10])
    tasks, approvals = [uuid4() for _ in range(4)], [uuid4() for _ in range(2)]
    with psycopg.connect(empty_dsn) as connection:
        _insert(connection, "sealing_keys", key_id="k")
        task: dict[str, Any] = {"user_id": USER, "key_id": "k", "request": b"", "asked_by": ""}
        _insert(connection, "agent_tasks", id=tasks[0], attempt=3, interruptions=2,
                lease_until=LATER, **task)  # fmt: skip
        _insert(connection, "agent_tasks", id=tasks[1], parked=True, attempt=1, **task)
        _insert(connection, "agent_tasks", id=tasks[2], **task)
        _insert(connection, "agent_tasks", id=tasks[3], status="failed", finished_at=LATER, **task)
        approval: dict[str, Any] = {"user_id": USER, "kind": "x", "key_id": "k", "content": b""}
        approval |= {"asked_by": "", "created_at": LATER, "expires_at": LATER}
        _insert(connection, "approvals", id=approvals[0], status="approved", decided_at=LATER,
                lease_until=LATER, **approval)  # fmt: skip
        _insert(connection, "approvals", id=approvals[1], **approval)
    run_migrations(empty_dsn)
    with psycopg.connect(empty_dsn) as connection:
        assert _rows(
            connection,
            "SELECT queue, id, state, attempt, interruptions, ready_at = 'infinity',"
            " lease_until IS NOT NULL FROM jobs ORDER BY seq",
        ) == [
            ("agent_tasks", tasks[0], "running", 3, 2, False, True),
            ("agent_tasks", tasks[1], "waiting", 1, 0, True, False),
            ("agent_tasks", tasks[2], "waiting", 0, 0, False, False),
            ("approvals", approvals[0], "running", 1, 0, False, True),
        ]
