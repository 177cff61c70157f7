"""`pisovereign-cli`: the commands for people at a terminal."""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Mapping, Sequence

from pisovereign import __version__
from pisovereign.cli.actions import LOCAL, Commands, argument
from pisovereign.cli.output import ExitCode, exit_code, printable
from pisovereign.errors import PiSovereignError, StartError

# Which module has which commands, in the order of `--help`. Only the one that is asked for is
# imported: together they bring most of the program.
MODULES: Mapping[str, Sequence[str]] = {
    "system": ("status", "system", "integrations"),
    "chat": ("chat",),
    "commands": ("commands", "command"),
    "catalog": ("catalog",),
    "approvals": ("approvals", "audit"),
    "reminders": ("reminders",),
    "lists": ("lists",),
    "documents": ("documents",),
    "memories": ("memories",),
    "models": ("models",),
    "engine": ("engine",),
    "bench": ("bench",),
    "config": ("config", "hash-api-key", "migrate-keys"),
    "sign_in": ("sign-in",),
    "openapi": ("openapi",),
    "backup": ("backup", "restore"),
    "update": ("update",),
    "tls": ("tls",),
}


def build_parser(command: str = "") -> argparse.ArgumentParser:
    """Build the command line; the module of each command has its part.

    Args:
        command: Build only what this command needs; any that is not known: everything.
    """
    parser = argparse.ArgumentParser(
        prog="pisovereign-cli", description="Talk to PiSovereign and look after it."
    )
    parser.add_argument("--version", action="version", version=__version__)
    subparsers = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    having = [name for name, commands in MODULES.items() if command in commands]
    for name in having or MODULES:
        importlib.import_module(f"pisovereign.cli.{name}").COMMANDS.add_to(subparsers)
    if not having:
        _COMPLETION.add_to(subparsers)
    return parser


_COMPLETION = Commands(options=LOCAL)


@_COMPLETION.runs(
    "completion",
    "print a script that completes commands",
    argument("shell", "for which shell", choices=("bash", "zsh", "fish")),
)
def _complete(args: argparse.Namespace) -> int:
    import shtab  # noqa: PLC0415 - nothing else needs it

    print(shtab.complete(build_parser(), shell=args.shell))
    return 0


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; return 0 on success, 2 for wrong arguments, else a code of `output.py`."""
    given = list(sys.argv[1:] if argv is None else argv)
    if given[:2] == ["backup", "restore"]:  # as people look for it beside `backup`
        del given[0]
    try:
        args = build_parser(next(iter(given), "")).parse_args(given)
        return int(args.run(args))
    except (StartError, PiSovereignError) as error:
        print(printable(f"pisovereign-cli: {error}"), file=sys.stderr)
        return exit_code(error)
    except UnicodeError as error:
        print(f"pisovereign-cli: {_no_text(given, error)}", file=sys.stderr)
        return ExitCode.FAILED
    except KeyboardInterrupt:
        return ExitCode.INTERRUPTED
    except BrokenPipeError:  # the reader of our output has ended, as `head` does
        sys.stderr.close()
        return 0


def _no_text(given: Sequence[str], error: UnicodeError) -> str:
    """Say what holds bytes that are no text: an argument, what is read, or the answer.

    A file's path may hold some, so only what sends them fails.
    """
    for word in given:
        if _holds_bytes(word):
            shown = word.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
            return printable(f"{shown}: not text in UTF-8")
    if isinstance(error, UnicodeDecodeError) or (
        isinstance(error, UnicodeEncodeError) and _holds_bytes(error.object)
    ):
        return "what was given to read is not text in UTF-8"
    return "the answer cannot be shown in the encoding of this terminal: use UTF-8"


def _holds_bytes(text: str) -> bool:
    """Return whether Python took bytes into a text that are none."""
    return any("\udc80" <= char <= "\udcff" for char in text)


if __name__ == "__main__":
    sys.exit(main())
