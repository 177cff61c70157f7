"""The database role that row-level security applies to."""

APP_ROLE = "pisovereign_app"
