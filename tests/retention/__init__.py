"""Tests of what deletes what is too old."""
