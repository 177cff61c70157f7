"""Commands in natural language: rules, examples, and the model.

`service` parses the words of a user, and `types` are requests and results.
"""

__all__ = ["service", "types"]
