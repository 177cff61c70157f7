"""`python -m pisovereign.engine` is `pisovereign-engine`."""

import sys

from pisovereign.engine.main import main

sys.exit(main())
