"""Services that write down what is said, and read aloud."""

from __future__ import annotations

from pisovereign.connectors.contract import Connector
from pisovereign.connectors.form import ConnectionKind, FieldSpec, required
from pisovereign.connectors.speech.settings import SpeechConfig
from pisovereign.errors import FieldError
from pisovereign.net.hosts import AllowedHost, parse_tcp


def _hosts(section: SpeechConfig) -> list[AllowedHost]:
    targets = [parse_tcp(address) for address in (section.to_text, section.to_speech) if address]
    return [AllowedHost(target.host, target.port) for target in targets]


def _is_set(section: SpeechConfig) -> bool:
    return bool(section.to_text or section.to_speech)


def _problems(section: SpeechConfig) -> list[FieldError]:
    return [] if _is_set(section) else [required("to_text")]


CONNECTOR = Connector(
    kind=ConnectionKind(
        name="speech",
        section="speech",
        personal=False,
        fields=(
            FieldSpec("to_text", placeholder="tcp://192.168.1.20:10300"),
            FieldSpec("to_speech", placeholder="tcp://192.168.1.20:10200"),
            FieldSpec("voice", advanced=True, placeholder="de_DE-thorsten-medium"),
        ),
        is_set=_is_set,
        problems=_problems,
        hosts=_hosts,
    ),
    settings=SpeechConfig,
    module="pisovereign.connectors.speech.connected",
)
