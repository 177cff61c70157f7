"""Permissions of the model in use, as a test of it has shown.

`abilities` is asked by others, `types` is what it answers, `questions` what a model is tested with,
`tool_test` and `self_test` how, and `routes` tells it over HTTP.
"""

__all__ = ["abilities", "types"]
