"""Settings of `agentic`: agentic tasks and their schedules."""

from __future__ import annotations

from typing import Annotated

import msgspec

from pisovereign.config import rules
from pisovereign.config.cron import cron_rule
from pisovereign.config.rules import setting
from pisovereign.validation import no_nul, not_blank


class ScheduleConfig(msgspec.Struct, frozen=True, kw_only=True):
    """A request that is carried out again and again, as a task."""

    name: Annotated[
        str,
        setting(
            "Its name: lowercase letters, digits and hyphens.",
            pattern=r"^[a-z0-9][a-z0-9-]{0,63}$",
        ),
    ]
    cron: Annotated[
        str,
        setting(
            "When it is due: minute, hour, day of the month, month, day of the week; a sixth "
            "field in front is the second.",
            cron_rule,
            max_length=200,
        ),
    ]
    description: Annotated[
        str,
        setting("The request.", not_blank, no_nul, min_length=1, max_length=4000),
    ]
    enabled: Annotated[bool, setting("Whether it is active.")] = True
    user_id: Annotated[
        str,
        setting(
            "The user (UUID) whose schedule it is; may be empty if there is only one user.",
            rules.user_id_or_empty,
        ),
    ] = ""
    time_zone: Annotated[
        str, setting("Its time zone; empty: `server.time_zone`.", rules.time_zone)
    ] = ""
    grace_minutes: Annotated[
        int,
        setting("How late a missed run is still carried out, in minutes.", ge=1, le=1440),
    ] = 60
    deliver: Annotated[
        tuple[str, ...],
        setting(
            "How the result is delivered: `events`, `push`, `mail` or the name of a messenger.",
            rules.each_once,
        ),
    ] = ("events",)
    max_tokens: Annotated[
        int,
        setting(
            "Like `agentic.max_tokens`, which 0 stands for.", rules.task_tokens, ge=0, le=1_000_000
        ),
    ] = 0
    timeout_s: Annotated[
        float,
        setting("Like `agentic.timeout_s`, which 0 stands for.", rules.task_time, ge=0, le=86400),
    ] = 0.0


class AgenticConfig(msgspec.Struct, frozen=True, kw_only=True):
    """Requests that are carried out in several parts."""

    enabled: Annotated[bool, setting("Whether there are agentic tasks.")] = True
    max_sub_agents: Annotated[
        int, setting("Maximum number of sub-tasks of one task.", ge=1, le=32)
    ] = 8
    max_parallel: Annotated[
        int, setting("Sub-tasks of one task that run at the same time.", ge=1, le=32)
    ] = 4
    max_tokens: Annotated[
        int,
        setting(
            "Tokens that the model may read and write for one task.",
            ge=rules.LEAST_TASK_TOKENS,
            le=1_000_000,
        ),
    ] = 8_000
    timeout_s: Annotated[
        float,
        setting(
            "Longest time that one task may run, without waiting for approvals, in seconds.",
            ge=rules.LEAST_TASK_S,
            le=86400,
        ),
    ] = 600.0
    plan_with_model: Annotated[
        bool, setting("Let the model plan what rules do not understand.")
    ] = True
    phrase_result: Annotated[
        bool,
        setting(
            "Let the model phrase the answer, which takes computing time; it is accepted only "
            "if it contains every fact of the results, and no others."
        ),
    ] = False
    max_open: Annotated[
        int, setting("Maximum number of unfinished tasks of one user.", ge=1, le=1000)
    ] = 50
    keep_days: Annotated[
        int,
        setting("Days after which a finished task is deleted; 0: never.", ge=0, le=3650),
    ] = 90
    schedules: Annotated[
        tuple[ScheduleConfig, ...],
        setting("Requests that are carried out at certain times, as tasks."),
    ] = ()
