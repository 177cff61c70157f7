"""What each program imports before it does anything, as a statement that another Python runs."""

from __future__ import annotations

from collections.abc import Mapping

from pisovereign.cli.main import MODULES

PROGRAMS: Mapping[str, str] = {
    "supervisor": (
        "import pisovereign.cli.serve, pisovereign.backup.restore_state,"
        " pisovereign.process.instance_lock, pisovereign.supervisor.banner,"
        " pisovereign.supervisor.installation, pisovereign.supervisor.setup"
    ),
    "api": "import pisovereign.cli.serve, pisovereign.cli.api_process",
    "api worker": (
        "import pisovereign.cli.serve, pisovereign.cli.api_process, pisovereign.app,"
        " pisovereign.http.serving, pisovereign.storage.keys, pisovereign.system.usage,"
        " pisovereign.tls.build"
    ),
    # Until it knows how threads wait; then it imports llama.cpp.
    "engine": "import pisovereign.engine.main",
    "runner": "import pisovereign.runner.main",
    "runner-privileged": "import pisovereign.runner.privileged",
    "set-up": "import pisovereign.cli.serve, pisovereign.setup.server",
    "console": "import pisovereign.setup.console",
    "appliance settings": (
        "import pisovereign.appliance.main, pisovereign.appliance.settings,"
        " pisovereign.config.loading"
    ),
    "appliance schema": "import pisovereign.appliance.main, pisovereign.appliance.database",
    "appliance engine": (
        "import pisovereign.appliance.main, pisovereign.appliance.engine,"
        " pisovereign.appliance.settings"
    ),
    **{
        f"cli {name}": f"from pisovereign.cli.main import build_parser; build_parser({name!r})"
        for names in MODULES.values()
        for name in names
    },
}
