"""Tasks that begin by themselves, at the times of a cron expression."""
