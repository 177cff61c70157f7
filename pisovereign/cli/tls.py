"""`pisovereign-cli tls status | renew | export-ca`: certificates, on the device itself."""

from __future__ import annotations

import argparse
import datetime as dt
import sys
from pathlib import Path

import msgspec

from pisovereign.cli.actions import LOCAL, Commands, argument, flag
from pisovereign.cli.output import confirmed, print_fields
from pisovereign.config import Config
from pisovereign.config.loading import data_dir
from pisovereign.connectors.configuration import load_config
from pisovereign.errors import StartError
from pisovereign.files import private_folder

COMMANDS = Commands(options=LOCAL)

_tls = COMMANDS.group("tls", "look after the certificates of this device")


@_tls.runs("status", "show how connections are encrypted", flag("--json", "print JSON"))
def _status(args: argparse.Namespace) -> int:
    from pisovereign.tls.authority import fingerprint  # noqa: PLC0415
    from pisovereign.tls.build import own_certificate, shown, source  # noqa: PLC0415
    from pisovereign.tls.own_certificate import OwnCertificate  # noqa: PLC0415

    config = load_config()
    found: dict[str, object] = {"mode": config.tls.mode}
    used = source(config, data_dir())
    if used is not None:
        found["port"] = config.tls.port
        if isinstance(used, OwnCertificate):
            own = own_certificate(config.server, _folder())
            found["authority"] = fingerprint(own.authority().certificate)
            if own.certificate() is None:
                own.renew()
        present = shown(used.certificate_file)
        found |= {
            "names": present.names,
            "begins": _day(present.begins),
            "ends": _day(present.ends),
        }
    if args.json:
        sys.stdout.write(msgspec.json.encode(found).decode() + "\n")
    else:
        print_fields(found)
    return 0


@_tls.runs(
    "renew",
    "make another certificate now; the running server takes it within seconds",
    flag("--authority", "and another authority, to be trusted anew"),
    flag("--yes", "do not ask"),
)
def _renew(args: argparse.Namespace) -> int:
    from pisovereign.tls.authority import fingerprint  # noqa: PLC0415
    from pisovereign.tls.build import own_certificate  # noqa: PLC0415

    config = load_config()
    _require_own(config)
    own = own_certificate(config.server, _folder())
    if not args.authority:
        own.renew()
        print("The running server shows the new certificate within seconds.")
        return 0
    question = "Every phone and computer has to trust the new authority. Type yes to go on:"
    if not (args.yes or confirmed(question)):
        raise StartError("nothing was changed; --yes goes on without asking")
    own.replace_authority()
    print(f"The new authority is {fingerprint(own.authority().certificate)}")
    return 0


@_tls.runs(
    "export-ca",
    "write the authority's certificate, not its key",
    argument("file", "where to; standard output if missing", nargs="?", type=Path),
)
def _export(args: argparse.Namespace) -> int:
    from pisovereign.tls.authority import fingerprint  # noqa: PLC0415
    from pisovereign.tls.build import own_certificate  # noqa: PLC0415

    config = load_config()
    _require_own(config)
    authority = own_certificate(config.server, _folder()).authority()
    if args.file is None:
        sys.stdout.write(authority.pem.decode())
        return 0
    try:
        args.file.write_bytes(authority.pem)
    except OSError as error:
        raise StartError(f"{args.file}: {error.strerror}") from None
    print(f"{args.file}: {fingerprint(authority.certificate)}")
    return 0


def _require_own(config: Config) -> None:
    if config.tls.mode != "own-ca":
        raise StartError('this device has an authority of its own only with tls.mode = "own-ca"')


def _folder() -> Path:
    """Return the data folder; whoever else wrote there would lock its owner out."""
    return private_folder(data_dir())


def _day(moment: dt.datetime) -> str:
    return moment.date().isoformat()
