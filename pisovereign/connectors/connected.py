"""Every service outside, as it is connected now, without knowing any of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar
from uuid import UUID

from pisovereign.config import Config
from pisovereign.connectors.contract import ConnectedService, Connector, Context, Notifies, Reaches
from pisovereign.connectors.diagnostics import Integration
from pisovereign.connectors.messaging import Messenger
from pisovereign.connectors.sending import SendingChannel
from pisovereign.connectors.types import TestResult
from pisovereign.connectors.words import Words
from pisovereign.errors import StartError, UpstreamError
from pisovereign.health import Check

S = TypeVar("S", bound=ConnectedService)


class ConnectedServices:
    """The services of all connectors.

    Args:
        connectors: All there are.
        context: What they are built on.
    """

    def __init__(self, connectors: Sequence[Connector], context: Context) -> None:
        self._connectors = {connector.kind.name: connector for connector in connectors}
        self._context = context
        self._services = {
            name: connector.running().start(connector.kind, context)
            for name, connector in self._connectors.items()
        }

    def get(self, name: str, service: type[S]) -> S:
        """Return a service that is known by its name and by what it can do."""
        found = self._services[name]
        assert isinstance(found, service)
        return found

    def channels(self) -> list[SendingChannel]:
        """Return all ways in which they tell people something."""
        return [each.channel() for each in self._services.values() if isinstance(each, Notifies)]

    def messengers(self) -> list[Messenger]:
        """Return those that people write to the assistant by."""
        return [each for each in self._services.values() if isinstance(each, Messenger)]

    def reaches(self, user: UUID, channel: str) -> bool:
        """Return whether somebody can be told something by a channel.

        Whoever reads events can, and browsers that allowed notifications: those are none of these.
        """
        for name, connector in self._connectors.items():
            service = self._services[name]
            if connector.channel == channel and isinstance(service, Reaches):
                return service.reaches(user)
        return True

    def listed(self, user: UUID) -> list[Integration]:
        """Return every service as a user has it, also those that are not set up."""
        return [service.integration(user) for service in self._services.values()]

    def checks(self) -> dict[str, Check]:
        """Return what tells everybody of the health of each service that is no private matter."""
        return {
            name: service.check_all
            for name, service in self._services.items()
            if self._connectors[name].public
        }

    async def check(self, name: str, user: UUID) -> float | None:
        """Check one service, as a user has it.

        Raises:
            NotConfigured: It is not set up.
            UpstreamError: It does not work.
        """
        return await self._services[name].check(user)

    async def close(self) -> None:
        """Close what they hold."""
        for service in self._services.values():
            await service.close()


class ConnectionTrials:
    """Tries settings of a connector, with parts that are made for that and closed afterwards.

    Args:
        connectors: All there are.
        context: What they are built on.
    """

    def __init__(self, connectors: Sequence[Connector], context: Context) -> None:
        self._connectors = {connector.kind.name: connector for connector in connectors}
        self._context = context

    async def run(
        self, name: str, section: Any, user: UUID, *, local: bool, words: Words
    ) -> TestResult:
        """Return how each step went; nothing is saved, and earlier failures are forgotten.

        Raises:
            UpstreamError: Nothing can be made of the settings.
        """
        connector = self._connectors[name]
        gate, outbound = self._context.outbound.gate, self._context.outbound.afresh()
        context = self._context._replace(outbound=outbound)
        hosts = connector.kind.named_hosts(section) if local else []
        gate.admit(hosts)
        try:
            return await connector.running().attempt(connector.kind, section, user, context, words)
        except StartError as error:
            raise UpstreamError(str(error)) from None
        finally:
            gate.dismiss(hosts)
            await outbound.client.close()


def configured_owners(
    connectors: Sequence[Connector], config: Config, users: Sequence[UUID], name: str
) -> frozenset[UUID] | None:
    """Return whose connection the configuration describes; None: everybody's.

    Args:
        connectors: All there are.
        config: The checked configuration.
        users: All that it knows.
        name: Of the connector.
    """
    connector = next((each for each in connectors if each.kind.name == name), None)
    if connector is None:
        return None
    return connector.owners(getattr(config, connector.kind.section), users)
