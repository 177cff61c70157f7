"""How well and how fast commands are read."""
