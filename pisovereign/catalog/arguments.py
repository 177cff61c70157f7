"""From a stored command and its caller's values to the exact argument list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pisovereign.catalog.command_line import Word
from pisovereign.catalog.placeholders import Placeholder, ValueRefused, fill
from pisovereign.catalog.programs import refusal
from pisovereign.errors import FieldError, ValidationFailed

MOST_NAMED = 50


def bind(words: Sequence[Word], values: Mapping[str, str]) -> tuple[str, ...]:
    """Put each value where it belongs; one placeholder becomes one argument.

    Raises:
        ValidationFailed: a value is missing, unknown or not of its kind; names all of them.
    """
    wanted = {word.name for word in words if isinstance(word, Placeholder)}
    unknown = [name for name in values if name not in wanted][:MOST_NAMED]
    errors = [_error(name[:100], "is not an argument of this command") for name in unknown]
    argv: list[str] = []
    for word in words:
        if isinstance(word, str):
            argv.append(word)
        elif word.name not in values:
            errors.append(_error(word.name, "is required"))
        else:
            try:
                argv.append(fill(word, values[word.name]))
            except ValueRefused as error:
                errors.append(_error(word.name, str(error)))
    # A harmless-looking word may be what makes a program run another one.
    if not errors and (reason := refusal(argv[0], argv[1:])):
        errors.append({"field": "arguments", "error": f"cannot be these: the command {reason}"})
    if errors:
        raise ValidationFailed(errors)
    return tuple(argv)


def _error(name: str, text: str) -> FieldError:
    return {"field": f"arguments.{name}", "error": text}
