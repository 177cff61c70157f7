"""Install public tool servers for the tests that use them as they are.

    python -m tools.tool_servers FOLDER

They have an environment of their own: some need another version of the SDK than this program does.
The account that commands run as has to be able to read the folder.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

PYTHON = ("mcp-server-time", "mcp-server-git", "mcp-server-fetch")
NODE = (
    "@modelcontextprotocol/server-everything",
    "@modelcontextprotocol/server-filesystem",
    "@modelcontextprotocol/server-memory",
)


def install(folder: Path) -> None:
    """Install all of them into a folder, below `python` and `node`.

    Raises:
        CalledProcessError: A step failed; it has said why.
    """
    environment, modules = folder / "python", folder / "node"
    modules.mkdir(parents=True, exist_ok=True)
    # Debian's Python, which other accounts can read, wherever that of the tests is.
    found = "/usr/bin/python3" if Path("/usr/bin/python3").exists() else sys.executable
    subprocess.run([found, "-m", "venv", str(environment)], check=True)
    pip = [str(environment / "bin" / "python"), "-m", "pip", "install", "--quiet"]
    subprocess.run([*pip, *PYTHON], check=True)
    subprocess.run(["npm", "install", "--silent", *NODE], cwd=modules, check=True)


if __name__ == "__main__":
    install(Path(sys.argv[1]))
