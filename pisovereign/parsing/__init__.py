"""Commands in natural language: rules for English and German, examples, and the model.

`service` parses the words of a user; `types` are its requests and results.
"""

__all__ = ["service", "types"]
