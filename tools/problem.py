"""The one exception that the tools raise on purpose."""


class Problem(Exception):
    """Something the person has to know or do; the text is shown as it is, without a traceback."""
