"""Tests of the client of the Model Context Protocol."""
