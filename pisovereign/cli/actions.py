"""Commands as rows: what each is called, takes, asks the server, and prints.

They are not derived from the entries of the routes, which know the same paths and fields: to import
those, with Falcon and the services, takes longer than a whole command.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import quote

from pisovereign.cli.api import add_connection_options, error_of, open_session, request
from pisovereign.cli.http_client import Session
from pisovereign.cli.output import add_json_option, not_our_server, print_fields, show

Argument = Callable[[Any], list[str]]
"""Adds itself to a parser or a group of it, and returns the fields that it gives."""
Options = Sequence[Callable[[argparse.ArgumentParser], None]]
Run = Callable[[argparse.Namespace], int]
Find = Callable[[Session, str], str]

ASKING: Options = (add_json_option, add_connection_options)
LOCAL: Options = ()


def argument(name: str, text: str, **options: Any) -> Argument:
    """Return an argument as argparse takes it; its `dest` is the field that is sent."""
    return lambda parser: [parser.add_argument(name, help=text, **options).dest]


def words(field: str, text: str, nargs: str = "+", metavar: str | None = None) -> Argument:
    """Return an argument of several words that are one text."""
    return argument(field, text, nargs=nargs, metavar=metavar, action=_Words)


class _Words(argparse.Action):
    def __call__(self, parser: Any, namespace: Any, values: Any, option: Any = None) -> None:
        setattr(namespace, self.dest, " ".join(values))


def flag(name: str, text: str, **options: Any) -> Argument:
    """Return an option without a value."""
    return argument(name, text, action="store_true", **options)


def limit(default: int) -> Argument:
    """Return the option that says how many are shown."""
    return argument("--limit", f"how many (default {default})", type=int, default=default)


def all_or(status: str, text: str) -> Argument:
    """Return the option that shows all, instead of only those of this status."""
    return argument("--all", text, dest="status", action="store_const", const=None, default=status)


def one_of(*arguments: Argument, required: bool = False) -> Argument:
    """Return arguments that exclude each other."""

    def add(parser: Any) -> list[str]:
        exclusive = parser.add_mutually_exclusive_group(required=required)
        return [field for argument in arguments for field in argument(exclusive)]

    return add


ID = argument("id", "its id")
NO_WAIT = argument("--no-wait", "do not wait for the result", dest="wait", action="store_false")


class Commands:
    """Commands, or the actions of one, in the order of `--help`.

    Args:
        named: What a path names with `{id}`, or with its own field.
        find: Returns its id for what was typed.
        options: What each takes that names no others.
    """

    def __init__(
        self,
        named: Argument = ID,
        find: Find = lambda _, typed: typed,
        options: Options = ASKING,
    ) -> None:
        self._named = named
        self._find = find
        self._options = options
        self._rows: list[Callable[[Any], None]] = []

    def add_to(self, parsers: Any) -> None:
        """Add a parser for each."""
        for row in self._rows:
            row(parsers)

    def include(self, actions: Commands) -> None:
        """Add those of another module."""
        self._rows.extend(actions._rows)

    def group(
        self, name: str, text: str, *, aliases: Sequence[str] = (), **actions: Any
    ) -> Commands:
        """Add a command that has actions, which are added to what is returned."""
        found = Commands(**{"options": self._options, **actions})

        def add(parsers: Any) -> None:
            parser = parsers.add_parser(name, help=text, aliases=aliases)
            found.add_to(parser.add_subparsers(dest="action", required=True, metavar="ACTION"))

        self._rows.append(add)
        return found

    def runs(
        self, name: str, text: str, *arguments: Argument, options: Options | None = None
    ) -> Callable[[Run], Run]:
        """Add a command that the function below executes."""

        def decorate(run: Run) -> Run:
            def add(parsers: Any) -> None:
                parser = parsers.add_parser(name, help=text)
                for option in self._options if options is None else options:
                    option(parser)
                fields = [field for argument in arguments for field in argument(parser)]
                parser.set_defaults(run=run, fields=fields)

            self._rows.append(add)
            return run

        return decorate

    def asks(
        self,
        name: str,
        text: str,
        route: str,
        *arguments: Argument,
        tell: Callable[[Any], None] = print_fields,
        code: Callable[[Any], int] = lambda _: 0,
    ) -> None:
        """Add a command that sends what it is given in one request.

        Args:
            name: What it is called.
            text: What `--help` says of it.
            route: Such as `GET /v1/memories/{id}`.
            arguments: Fields of the query of a GET, and of the body of others.
            tell: Prints the answer for people.
            code: Returns the exit code for an answer.
        """
        method, path = route.split()
        named = (self._named,) if "{" in path else ()

        @self.runs(name, text, *named, *arguments)
        def run(args: argparse.Namespace) -> int:
            session = open_session(args)
            target = self._target(session, path, args)
            given = {field: getattr(args, field) for field in args.fields[len(named) :]}
            sent = {field: value for field, value in given.items() if value is not None}
            options = {"params" if method == "GET" else "json": sent} if given else {}
            body = request(session, method, target, **options)
            if method == "DELETE":
                print('{"deleted":true}' if args.json else "deleted")
                return 0
            return code(show(args, body, tell))

    def copies(self, name: str, text: str, path: str, content_type: str = "") -> None:
        """Add a command that copies an answer to the standard output, as it comes.

        Args:
            name: What it is called.
            text: What `--help` says of it.
            path: Where the answer is.
            content_type: What only our server answers with; empty: it may be anything.
        """
        named = (self._named,) if "{" in path else ()

        @self.runs(name, text, *named, options=(add_connection_options,))
        def run(args: argparse.Namespace) -> int:
            session = open_session(args)
            with session.open("GET", self._target(session, path, args)) as response:
                if response.status != 200:
                    raise error_of(response)
                if content_type and response.content_type != content_type:
                    raise not_our_server()
                for piece in response.pieces():
                    sys.stdout.buffer.write(piece)
            sys.stdout.buffer.flush()
            return 0

    def _target(self, session: Session, path: str, args: argparse.Namespace) -> str:
        """Return a path with the id of what it names."""
        if "{" not in path:
            return path
        field = args.fields[0]
        return path.format_map({field: quote(self._find(session, getattr(args, field)), safe="")})
