"""`python -m image`: what `make wheels`, `make image` and `make image-test` call."""

from __future__ import annotations

import argparse
import signal
import subprocess
import sys
from pathlib import Path

from image import build, bundle, check, sbom
from image.boot import command as boot_test
from image.boot import updates
from image.wheels import command as wheels
from image.wheels import lock
from pisovereign import __version__
from tools.problem import Problem

ROOT = Path(__file__).resolve().parent.parent


def main() -> int:
    """Run one command; what a person can mend is one line and exit code 1."""
    parser = argparse.ArgumentParser(prog="image", description="The image that people flash.")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("lock", help="choose the newest packages that pyproject.toml allows")
    commands.add_parser("wheels", help="build and try the wheels for the Raspberry Pi")
    updating = commands.add_parser("bundle", help="make an update of cards with an older image")
    updating.add_argument("--config", default="debian", help="a file of image/config")
    updating.add_argument("--secret-key", type=Path, required=True, help="of minisign")
    updating.add_argument("--notes", type=Path, help="a file that says what is new")
    updating.add_argument("--security", action="store_true", help="it closes a hole")
    commands.add_parser("parts", help="list the parts of a release, as CycloneDX")
    commands.add_parser("check", help="find what would fail, without building anything")
    verbs = {"build": "build the image", "test": "boot it and check it"}
    for command, text in verbs.items():
        add = commands.add_parser(command, help=text)
        add.add_argument("--config", default="debian", help="a file of image/config")
        if command == "test":
            add.add_argument(
                "--kills", type=int, default=boot_test.KILLS, help="how often to pull the plug"
            )
            add.add_argument(
                "--update-cuts",
                type=int,
                default=0,
                help="updates instead, with that many power cuts",
            )
            add.add_argument(
                "--seed",
                type=int,
                default=boot_test.SEED,
                help="of the moments of the cuts in updates",
            )
            add.add_argument(
                "--boot-chart", type=Path, help="draw a start before the updates to this SVG file"
            )
    args = parser.parse_args()
    # Ended from outside, the running stage is still stopped and its leftovers are removed.
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    try:
        match args.command:
            case "lock":
                lock.write(ROOT)
            case "wheels":
                wheels.run(ROOT)
            case "parts":
                write_parts()
            case "build":
                build.run(ROOT, args.config)
            case "bundle":
                security = args.security
                bundle.run(ROOT, args.config, args.secret_key, args.notes, security=security)
            case "test":
                plan = updates.Plan(args.update_cuts, args.seed, args.boot_chart)
                return boot_test.run(ROOT, args.config, args.kills, plan)
            case "check":
                return check.run(ROOT)
    except Problem as problem:
        print(problem, file=sys.stderr)
        return 1
    except subprocess.CalledProcessError as error:
        print(f"{error.cmd[0]} failed with exit code {error.returncode}", file=sys.stderr)
        return 1
    return 0


def write_parts() -> None:
    """Write the list of parts of this version, with the time of its commit."""
    shown = ["git", "-C", str(ROOT), "show", "--no-patch", "--format=%ct"]
    epoch = int(subprocess.run(shown, check=True, capture_output=True, text=True).stdout)
    place = ROOT / "build" / f"pisovereign-{__version__}.cdx.json"
    place.parent.mkdir(exist_ok=True)
    place.write_text(sbom.release(__version__, epoch), encoding="utf-8")
    print(place)


if __name__ == "__main__":
    sys.exit(main())
