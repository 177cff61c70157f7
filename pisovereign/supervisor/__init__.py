"""`pisovereign serve`: all processes of one installation, started and watched."""
