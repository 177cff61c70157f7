"""Services that one of several workers has in the local network: voice, and announcing itself."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING
from uuid import UUID

from pisovereign.assembly.infrastructure import Infrastructure
from pisovereign.assembly.integrations import Integrations
from pisovereign.assembly.services import Services
from pisovereign.config import WyomingConfig
from pisovereign.config.loading import data_dir
from pisovereign.errors import StartError
from pisovereign.jobs.one_process import OneProcess, Part
from pisovereign.languages import Language
from pisovereign.net.hosts import is_loopback

if TYPE_CHECKING:
    from pisovereign.wyoming.server import WyomingServer


def build_network_services(
    base: Infrastructure, integrations: Integrations, services: Services
) -> OneProcess:
    """Return what one of the workers does: listening for voice, and announcing what is reached.

    Raises:
        StartError: Nobody says who it is that speaks.
    """
    config = base.config
    wyoming = _wyoming(base, integrations, services) if config.wyoming.enabled else None
    parts: list[Part] = [] if wyoming is None else [wyoming]
    if config.server.announce and not (
        is_loopback(config.server.host) and (wyoming is None or is_loopback(config.wyoming.host))
    ):
        # Imported here, as below: the libraries take 8 MB.
        from pisovereign.assembly.announcer import Announcer, reachable  # noqa: PLC0415

        parts.append(Announcer(partial(reachable, config, wyoming)))
    # Several programs may share a data folder, each with doors of its own.
    return OneProcess(data_dir() / f"doors-{config.server.port}.lock", parts)


def _wyoming(base: Infrastructure, integrations: Integrations, services: Services) -> WyomingServer:
    from pisovereign.wyoming.answers import VoiceAnswers  # noqa: PLC0415
    from pisovereign.wyoming.server import WyomingServer  # noqa: PLC0415

    config = base.config.wyoming
    user = speaker(config, integrations.configured)
    answers = VoiceAnswers(services.chat, user, integrations.users)

    def language() -> Language:
        return base.locales.chosen_language(user) or config.language

    return WyomingServer(config, answers, base.config.inference.timeout_s, language)


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
