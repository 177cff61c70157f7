"""Deletes what is over and too old, or too much: batch by batch, beside everything else."""

__all__ = ["service"]
