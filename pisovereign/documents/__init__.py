"""Documents: files that people keep here, read by meaning and by words, and cited in answers.

`service` stores, lists and finds them; `types` are what it takes and returns.
"""

__all__ = ["service", "types"]
