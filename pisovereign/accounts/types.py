"""Types of the routes of signing in, people, keys and profiles."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

from pisovereign.config import Scope
from pisovereign.config.rules import language as known_language
from pisovereign.config.rules import one_line, time_zone
from pisovereign.validation import not_blank

Role = Literal["owner", "member", "restricted"]
State = Literal["invited", "active", "disabled"]
Theme = Literal["system", "light", "dark"]
MadeWith = Literal["key", "code", "passkey"]

ROLE_SCOPES: dict[Role, frozenset[Scope]] = {
    "owner": frozenset(("user", "approve", "admin")),
    "member": frozenset(("user", "approve")),
    "restricted": frozenset(("user",)),
}
Name = Annotated[str, Meta(min_length=1, max_length=60, extra={"rules": (not_blank, one_line)})]
LanguageCode = Annotated[str, Meta(extra={"rules": (known_language,)})]
Zone = Annotated[str, Meta(max_length=64, extra={"rules": (time_zone,)})]


class FromBrowser(msgspec.Struct, frozen=True, kw_only=True):
    """A browser's language and time zone, taken where the person has chosen nothing yet.

    What the program has no data for is no error: a browser may know more zones and languages.
    """

    language: Annotated[str, Meta(max_length=35)] = ""
    time_zone: Annotated[str, Meta(max_length=64)] = ""


class SignIn(FromBrowser, frozen=True, kw_only=True):
    """The body of `POST /v1/sign-in`: a key or a code, and not both."""

    key: Annotated[str, Meta(min_length=1, max_length=512)] | UnsetType = UNSET
    code: Annotated[str, Meta(min_length=1, max_length=64)] | UnsetType = UNSET


class Me(msgspec.Struct, frozen=True, kw_only=True):
    """The person who is signed in.

    `session` is the id of the browser's session, null for a key. `configured` says that the person
    stands in `config.toml`, which the page cannot change. `role` is null where the scopes are those
    of no role.
    """

    user_id: UUID
    name: str
    role: Role | None
    scopes: list[Scope]
    configured: bool
    session: UUID | None
    language: str
    time_zone: str
    theme: Theme


class SignedIn(Me, frozen=True, kw_only=True):
    """The person who signed in; `joined`: an invited person is here for the first time."""

    joined: bool = False


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """A browser that is signed in; `network` is where it was used last, roughly."""

    id: UUID
    device: str
    network: str
    made_with: MadeWith
    current: bool
    created_at: dt.datetime
    used_at: dt.datetime
    expires_at: dt.datetime


class SignInCode(msgspec.Struct, frozen=True, kw_only=True):
    """A code that signs somebody in once.

    `link` holds the code behind a `#`, so that no server is told of it. `qr` is the link as an
    SVG image in a `data:` address. `reach` says who can open it: `network`, or only `this_device`.
    """

    code: str
    link: str
    qr: str
    reach: Literal["network", "this_device"]
    expires_at: dt.datetime


class Profile(msgspec.Struct, frozen=True, kw_only=True):
    """A person's own choices; an empty language or zone is the program's own."""

    name: str
    language: str
    time_zone: str
    theme: Theme
    configured: bool


class StorageUse(msgspec.Struct, frozen=True, kw_only=True):
    """How much a person keeps here in bytes, and how much they may; 0: no limit."""

    used_bytes: int
    limit_bytes: int


class ProfilePatch(msgspec.Struct, frozen=True, kw_only=True):
    """The body of `PATCH /v1/profile`."""

    name: Name | UnsetType = UNSET
    language: LanguageCode | UnsetType = UNSET
    time_zone: Zone | UnsetType = UNSET
    theme: Theme | UnsetType = UNSET


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who can sign in, or could."""

    id: UUID
    name: str
    role: Role | None
    scopes: list[Scope]
    state: State
    configured: bool
    created_at: dt.datetime | None = None
    joined_at: dt.datetime | None = None


class NewPerson(msgspec.Struct, frozen=True, kw_only=True):
    """The body of `POST /v1/people`."""

    name: Name
    role: Role = "member"


class PersonPatch(msgspec.Struct, frozen=True, kw_only=True):
    """The body of `PATCH /v1/people/{id}`."""

    role: Role | UnsetType = UNSET
    state: Literal["active", "disabled"] | UnsetType = UNSET


class Invited(msgspec.Struct, frozen=True, kw_only=True):
    """A person, and the code that lets them in once."""

    person: Person
    invitation: SignInCode


class ErasePerson(msgspec.Struct, frozen=True, kw_only=True):
    """The parameter of `DELETE /v1/people/{id}`."""

    confirm: Literal["erase"]


class NewApiKey(msgspec.Struct, frozen=True, kw_only=True):
    """The body of `POST /v1/api-keys`."""

    name: Name
    scopes: Annotated[tuple[Scope, ...], Meta(min_length=1, max_length=3)] = ("user",)
    expires_in_days: Annotated[int, Meta(ge=1, le=3650)] | None = None


class StoredApiKey(msgspec.Struct, frozen=True, kw_only=True):
    """A key of a program; those of `config.toml` have no id and cannot be changed here."""

    id: UUID | None
    name: str
    scopes: list[Scope]
    configured: bool = False
    created_at: dt.datetime | None = None
    expires_at: dt.datetime | None = None
    used_at: dt.datetime | None = None


class CreatedApiKey(StoredApiKey, frozen=True, kw_only=True):
    """A new key; `key` is shown this once."""

    key: str


class Passkey(msgspec.Struct, frozen=True, kw_only=True):
    """A passkey; it works under the one name of this device that `host` is."""

    id: UUID
    name: str
    host: str
    created_at: dt.datetime
    used_at: dt.datetime | None = None


class PasskeyChallenge(msgspec.Struct, frozen=True, kw_only=True):
    """The options for an authenticator: `publicKey` of the Web Authentication API."""

    id: UUID
    options: dict[str, Any]


class NewPasskey(msgspec.Struct, frozen=True, kw_only=True):
    """The body of `POST /v1/passkeys`: what the authenticator answered."""

    id: UUID
    credential: dict[str, Any]
    name: Name


class PasskeySignIn(FromBrowser, frozen=True, kw_only=True):
    """The body of `POST /v1/sign-in/passkey`: what the authenticator answered."""

    id: UUID
    credential: dict[str, Any]
