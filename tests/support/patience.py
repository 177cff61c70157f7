"""How long a test waits for what must come: it costs nothing when that comes.

Only what never comes takes so long. A busy machine is no failure, so no test says less.
"""

PATIENCE_S = 60.0
PATIENCE_MS = 60_000
