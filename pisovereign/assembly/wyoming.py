"""Answers to voice assistants, from the one process that listens for them."""

from __future__ import annotations

from uuid import UUID

from pisovereign.assembly.infrastructure import Infrastructure
from pisovereign.assembly.integrations import Integrations
from pisovereign.assembly.services import Services
from pisovereign.config import WyomingConfig
from pisovereign.config.loading import data_dir
from pisovereign.errors import StartError
from pisovereign.jobs.one_process import OneProcess
from pisovereign.wyoming.answers import VoiceAnswers
from pisovereign.wyoming.server import WyomingServer


def build_wyoming(
    base: Infrastructure, integrations: Integrations, services: Services
) -> OneProcess:
    """Return what listens, in one of the workers; nothing where that is off.

    Raises:
        StartError: Nobody says who it is that speaks.
    """
    config = base.config.wyoming
    # Several programs may share a data folder, each with a door of its own.
    lock = data_dir() / f"wyoming-{config.port}.lock"
    if not config.enabled:
        return OneProcess(lock, [])
    answers = VoiceAnswers(services.chat, speaker(config, integrations.configured))
    answer_s = base.config.inference.timeout_s
    server = WyomingServer(config, answers, integrations.users, answer_s)
    return OneProcess(lock, [server])


def speaker(config: WyomingConfig, users: list[UUID]) -> UUID:
    """Return who it is that speaks: who is named, else the only user.

    Raises:
        StartError: That is not clear.
    """
    if config.user_id:
        return UUID(config.user_id)
    if len(users) == 1:
        return users[0]
    raise StartError("wyoming.enabled is set, and there are several users: set wyoming.user_id")
