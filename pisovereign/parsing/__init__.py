"""Commands in natural language: rules, examples, and the model.

`service` parses the words of a user, `time_fragments` are times in a few words that are no
command, and `types` are requests and results.
"""

__all__ = ["service", "time_fragments", "types"]
