"""Commands in natural language: rules, examples, and the model.

`service` parses the words of a user, `time_fragments` are times in a few words that are no
command, `relative_times` those that are counted from another one, and `types` are requests and
results.
"""

__all__ = ["relative_times", "service", "time_fragments", "types"]
