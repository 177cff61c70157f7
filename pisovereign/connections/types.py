"""Types of the routes of connections."""

from __future__ import annotations

import datetime as dt
from typing import Any, Literal

import msgspec

from pisovereign.connectors.types import FieldType, Provider

Source = Literal["none", "saved", "configuration"]
Status = Literal["not_set_up", "works", "fails", "unreadable"]


class Choice(msgspec.Struct, frozen=True):
    """One of the values that a field may have."""

    value: str
    label: str


class Field(msgspec.Struct, frozen=True, kw_only=True):
    """A field of a form.

    `type` says how it is drawn: `choices` are several of them, `names` is a list of names,
    `file` the text of a file that is chosen, whose name ends as `placeholder` says, and `senders`
    a list of those who may write, each with the person that they are and with what they
    are known by, which is in the field that `address` names, such as `phone`. `advanced` may be
    left alone by most. A secret with `generated` is made up by whoever fills in the form. `choices`
    are the values of a `choice` or of `choices`, and the people of `senders`.
    """

    name: str
    type: FieldType
    label: str
    help: str = ""
    required: bool = False
    advanced: bool = False
    generated: bool = False
    placeholder: str = ""
    address: str = ""
    choices: list[Choice] = []


class State(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a connection works; `since` and `error` are there when it fails."""

    status: Status
    since: dt.datetime | None = None
    error: str | None = None


class Connection(msgspec.Struct, frozen=True, kw_only=True):
    """A connection, as a card shows it.

    `source` says where its settings are: nowhere, saved here, or in the configuration, which wins.
    `personal` ones are each person's own, the others the household's.
    """

    kind: str
    title: str
    description: str
    personal: bool
    source: Source
    editable: bool
    state: State


class FilledForm(msgspec.Struct, frozen=True, kw_only=True):
    """A form with what it holds.

    `values` are what is set but secrets, `secrets` says of each secret whether it is set.
    `reason` says why nothing can be changed here, where that is so.
    """

    fields: list[Field]
    values: dict[str, Any]
    secrets: dict[str, bool]
    reason: str = ""
    updated_at: dt.datetime | None = None


class ConnectionForm(FilledForm, frozen=True, kw_only=True):
    """A connection with its form; `webhook` is where the service is to send messages to."""

    kind: str
    title: str
    description: str
    personal: bool
    source: Source
    editable: bool
    state: State
    providers: list[Provider]
    webhook: str = ""


class SettingsForm(FilledForm, frozen=True, kw_only=True):
    """Settings with their form; `source` is `none` where everything is as it comes."""

    kind: str
    title: str
    description: str
    personal: bool
    source: Source
    editable: bool


class SettingsForms(msgspec.Struct, frozen=True):
    """Settings that can be changed without a restart."""

    settings: list[SettingsForm]


class Connections(msgspec.Struct, frozen=True):
    """Every connection that there may be."""

    connections: list[Connection]


class Values(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The values of a form. A secret that is left out stays what it is."""

    values: dict[str, Any]


class TestValues(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The values to be tried; without any, those that are set."""

    __test__ = False

    values: dict[str, Any] | None = None
