"""Our program in `/opt/pisovereign`: a virtual environment of the image's Python."""

from __future__ import annotations

import configparser
import shutil
import subprocess
import sys
from pathlib import Path

from image import target

PLACE = Path("opt/pisovereign")
# Parts that only units start.
PARTS = frozenset({"pisovereign-engine", "pisovereign-runner", "pisovereign-runner-privileged"})
SCRIPT = """\
#!/opt/pisovereign/bin/python3
import sys
from {module} import {function}
sys.exit({function}())
"""


def install(wheels: Path, root: Path, made_for: target.Target) -> None:
    """Unpack the wheels, and make what pip would on the target."""
    home = root / PLACE
    site = home / "lib" / f"python{target.PYTHON}" / "site-packages"
    site.mkdir(parents=True)
    options = ["--quiet", "--no-deps", "--no-index", "--no-compile", f"--target={site}"]
    # By name and version: given files, pip would note where they were on this machine.
    found = (wheel.name.split("-")[:2] for wheel in sorted(wheels.glob("*.whl")))
    names = [f"{name}=={version}" for name, version in found]
    command = [sys.executable, "-m", "pip", "install", *options, f"--find-links={wheels}"]
    subprocess.run([*command, *made_for.pip_options(), *names], check=True)
    drop_scripts(site)
    drop_start_hooks(site)
    programs = home / "bin"
    programs.mkdir()
    for name in ("python", "python3", f"python{target.PYTHON}"):
        (programs / name).symlink_to(f"/usr/bin/python{target.PYTHON}")
    version = f"home = /usr/bin\ninclude-system-site-packages = false\nversion = {target.PYTHON}\n"
    (home / "pyvenv.cfg").write_text(version)
    for name, module, function in scripts(site):
        script = programs / name
        script.write_text(SCRIPT.format(module=module, function=function))
        script.chmod(0o755)
    put_on_path([name for name, _, _ in scripts(site)], root)
    compile_all(site, root)


def put_on_path(names: list[str], root: Path) -> None:
    """Let people call the programs that are for them by their names."""
    folder = root / "usr/local/bin"
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        if name not in PARTS:
            (folder / name).symlink_to(f"/{PLACE}/bin/{name}")


def drop_scripts(site: Path) -> None:
    """Remove the scripts of all packages: they would start this machine's Python."""
    shutil.rmtree(site / "bin", ignore_errors=True)
    for record in site.glob("*.dist-info/RECORD"):
        lines = record.read_text().splitlines(keepends=True)
        record.write_text("".join(line for line in lines if not line.startswith("../../bin/")))


def drop_start_hooks(site: Path) -> None:
    """Remove what packages have every start of Python do: repairs, which nothing here can need.

    The root is read-only, and each of a boot's dozen programs would look for them once more.
    """
    for hook in site.glob("*.pth"):
        hook.unlink()
        for record in site.glob("*.dist-info/RECORD"):
            lines = record.read_text().splitlines(keepends=True)
            record.write_text(
                "".join(line for line in lines if not line.startswith(f"{hook.name},"))
            )


def compile_all(site: Path, root: Path) -> None:
    """Compile every module: the root is read-only, so what is not compiled now never is.

    Bytecode is the same on every machine, so this machine's Python does it, if it has that version:
    an emulated one takes ten times as long. By hash, as times say nothing in an image.
    """
    here = Path(f"/usr/bin/python{target.PYTHON}")
    options = ["-m", "compileall", "-q", "-j2", "--invalidation-mode=unchecked-hash"]
    if here.exists():
        command = [str(here), *options, "-s", str(root), "-p", "/", str(site)]
    else:
        command = ["chroot", str(root), str(here), *options, f"/{site.relative_to(root)}"]
    # Some packages bring files for other versions, which cannot be compiled.
    subprocess.run(command, check=False)


def scripts(site: Path) -> list[tuple[str, str, str]]:
    """Name, module and function of each of our programs."""
    (file,) = site.glob("pisovereign-*.dist-info/entry_points.txt")
    parser = configparser.ConfigParser()
    parser.read(file)
    found = parser["console_scripts"].items()
    return [(name, *value.split(":")) for name, value in sorted(found)]  # type: ignore[misc]
