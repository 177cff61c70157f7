"""Tests of what measurements are judged by."""
