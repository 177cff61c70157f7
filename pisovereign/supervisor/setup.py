"""Running set-up alone, before anything else is started."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

from pisovereign.process.notify import Notifier
from pisovereign.process.own_program import typed_name
from pisovereign.runtime import setup_done_file
from pisovereign.supervisor.child import Child

_GLANCE_S = 0.2
_STOP_S = 25.0


def set_up(data_dir: Path, url: str, notifier: Notifier) -> None:
    """Serve the set-up page until somebody has finished it; it is started again when it ends."""
    argv = [sys.executable, "-m", "pisovereign.cli.serve", "setup", f"--parent-pid={os.getpid()}"]
    child = Child("setup", lambda: argv)
    child.start()
    print(
        f"\nThis installation is not set up yet: open {url}\n"
        f"The code that it asks for is shown by: {typed_name('pisovereign-console')}\n",
        flush=True,
    )
    # It waits for a person, however long that takes: to a service manager it is up.
    notifier.ready()
    try:
        while not setup_done_file(data_dir).exists():
            child.restart_ended()
            notifier.alive_if_due()
            time.sleep(_GLANCE_S)
    finally:
        if not setup_done_file(data_dir).exists():
            child.ask_to_stop()
        # Done, it ends by itself once its last answer was sent.
        child.wait_stopped(_STOP_S)
