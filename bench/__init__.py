"""Measurements of the running program; never asserted in the test suite."""
