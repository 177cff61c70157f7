"""Forty plain sentences of a day, in several styles."""
