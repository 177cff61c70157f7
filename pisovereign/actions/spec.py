"""The description of an action, which clients, the parser and the documentation are given."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from pisovereign.actions.intent import (
    NO_HANDLING,
    NO_SLOTS,
    ChosenBy,
    CommandSlots,
    Handling,
    Intent,
    ModelTool,
)
from pisovereign.languages import Language
from pisovereign.languages.actions import ActionWords, load_actions

StructType = type[msgspec.Struct]
ApprovalNeed = Literal["never", "always", "depends"]
Source = Literal[
    "weather",
    "calendar",
    "emails",
    "contacts",
    "web",
    "documents",
    "reminders",
    "lists",
    "catalog",
    "home",
    "waste",
]
Part = Literal["calendar", "emails", "sending", "home", "search", "pages", "waste"]
Client = Literal["commands", "agents", "mcp"]
_OUTSIDE: frozenset[Source] = frozenset(
    ("calendar", "emails", "contacts", "web", "documents", "catalog", "home", "waste")
)
_ELSEWHERE: frozenset[Source] = frozenset(("weather", "calendar", "emails", "web", "home"))
EVERY_CLIENT: frozenset[Client] = frozenset(("commands", "agents", "mcp"))


class ActionSpec(msgspec.Struct, frozen=True, kw_only=True):
    """The description of an action.

    Attributes:
        name: What clients call it by.
        module: The name of its module, where that is another one.
        type: The struct of what is asked for; its fields are the arguments.
        result: The struct of what it gives back; None: it is only ever asked for.
        sources: What it reads from or writes to.
        needs: What has to be set up for a user before there is any use in it; None: nothing.
        side_effects: False for what only reads.
        approval: Whether a person has to approve it before it happens; with `depends` that is
            decided by what it is about: a system command, or whose calendar it changes.
        echoes: What it gives back holds only what it was asked for with.
        clients: Who is offered it: users of `/v1/commands` and of chat, tasks, or the Model
            Context Protocol.
        intents: What people say for it, the most common first; none: only programs ask for it, or
            other rules read it.
        of_the_world: What is asked concerns the world or the program, and nothing of the asker's.
        undoes: It takes something back, as an order does that says so.
        forms_deny: Some of its forms deny, or speak of others: "don't wake me".
        about_anything: Its text may be about anything, and so may sound like another request.
        serves: What of that is asked for which otherwise nothing here can do (`unsupported.` in the
            examples), once what it `needs` is set up.
        slots: Which of its arguments a later message can change.
        handling: What it does with the things of a conversation.
        chosen_by: How it says which of several things is meant; None: it asks for none.
        model: How models are told of it; None: they cannot call it.
    """

    name: str
    module: str | None = None
    type: StructType
    result: StructType | None
    sources: tuple[Source, ...] = ()
    needs: Part | None = None
    side_effects: bool = False
    approval: ApprovalNeed = "never"
    echoes: bool = False
    clients: frozenset[Client] = EVERY_CLIENT
    intents: tuple[Intent, ...] = ()
    of_the_world: bool = False
    undoes: bool = False
    forms_deny: bool = False
    about_anything: bool = False
    serves: frozenset[str] = frozenset()
    slots: CommandSlots = NO_SLOTS
    handling: Handling = NO_HANDLING
    chosen_by: ChosenBy | None = None
    model: ModelTool | None = None

    @property
    def type_name(self) -> str:
        """Return the name of the type, as responses have it."""
        return self.type.__name__

    def intent_of(self, command: msgspec.Struct) -> str:
        """Return the name of the intent that a command answers to; empty: there is none."""
        kind = getattr(command, "kind", None)
        of_kind = (each.name for each in self.intents if kind is not None and each.kind == kind)
        return next(of_kind, self.intents[0].name if self.intents else "")

    @property
    def file(self) -> str:
        """Return the name of the file of its words in each language: that of its module."""
        return self.module or self.name

    @property
    def reads_outside_text(self) -> bool:
        """Return whether its result may hold text that others wrote: mails, invitations, output.

        The weather is figures and the name of a place, and what only ever becomes an approval gives
        back what it was asked for with.
        """
        if self.approval == "always" or self.echoes:
            return False
        return not _OUTSIDE.isdisjoint(self.sources)

    @property
    def shows_outside_text(self) -> bool:
        """Return whether what there is to choose from may hold text that others wrote."""
        return not _OUTSIDE.isdisjoint(self.sources)

    @property
    def sends(self) -> frozenset[str]:
        """Return the arguments of free text that another machine gets, at once or once approved.

        Figures, days and choices of a few carry no text away.
        """
        if _ELSEWHERE.isdisjoint(self.sources):
            return frozenset()
        properties: dict[str, Any] = self.arguments()["properties"]
        return frozenset(name for name, schema in properties.items() if _is_free_text(schema))

    def words(self, language: Language) -> ActionWords:
        """Return what the action is called in a language."""
        return load_actions(language)[self.file]

    def arguments(self) -> dict[str, Any]:
        """Return the arguments as a JSON Schema."""
        (_, shared) = msgspec.json.schema_components([self.type], ref_template="{name}")
        schema = shared[self.type_name]
        properties = {
            name: _inlined(field, shared)
            for name, field in schema["properties"].items()
            if name != "type"
        }
        required = [name for name in schema.get("required", ()) if name != "type"]
        return {
            "type": "object",
            "properties": properties,
            "required": required,
            "additionalProperties": False,
        }


def _is_free_text(schema: Mapping[str, Any]) -> bool:
    kinds = schema.get("anyOf", [schema])
    return not all(
        kind.get("type") in ("integer", "number", "boolean", "null")
        or "enum" in kind
        or kind.get("format") in ("date", "date-time")
        for kind in kinds
    )


def _inlined(schema: Any, shared: Mapping[str, Any]) -> Any:
    """Return a schema with what it refers to in its place; no struct holds one of its own kind."""
    if isinstance(schema, list):
        return [_inlined(part, shared) for part in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        referred = shared[schema["$ref"]]
        return _inlined({k: v for k, v in referred.items() if k != "title"}, shared)
    return {name: _inlined(part, shared) for name, part in schema.items()}
