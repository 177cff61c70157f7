"""Compiled kernels: only what was measured to win, each with an oracle in `tests/native`."""
