"""What a worker of the API imports, imported once for all servers that are forked."""

import functools
import os

# prometheus-client decides at its import whether it counts in files; each API then names its own.
os.environ["PROMETHEUS_MULTIPROC_DIR"] = ""

import pisovereign.app
import pisovereign.assembly.rules
import pisovereign.backup.restore_state
import pisovereign.cli.api_process
import pisovereign.cli.serve
import pisovereign.http.serving
import pisovereign.process.instance_lock
import pisovereign.storage.keys
import pisovereign.system.usage
import pisovereign.tls.build

# A start compiles the rules; what comes of the same files is the same for all of them.
pisovereign.assembly.rules.compile_rules = functools.cache(pisovereign.assembly.rules.compile_rules)
pisovereign.assembly.rules.compile_rules()
