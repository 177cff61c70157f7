"""Find the configuration: defaults, then the TOML file, then the environment.

Anything that cannot be understood refuses the start. There is no fallback to defaults: a typo in a
configuration file must never open a server to others.
"""

from __future__ import annotations

import difflib
import os
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar, get_type_hints

import msgspec

from pisovereign.config import Config
from pisovereign.errors import FieldError, StartError
from pisovereign.validation import check

C = TypeVar("C", bound=Config)
Faults = Callable[[C], Iterable[FieldError]]
PREFIX = "PISOVEREIGN_"
# Variables that are not settings: where things are, and what the command line client uses.
_PLACES = ("CONFIG", "DATA_DIR", "MODELS_DIR", "MASTER_KEY_FILE")
_SECRETS = ("API_KEY", "API_KEY_FILE", "BACKUP_PASSPHRASE")
# Settings of earlier versions, and what became of them.
_FORMER = {("engine", "embedding_model"): "is now memory.embedding_models, which takes a list"}
RESERVED = frozenset(PREFIX + name for name in (*_PLACES, *_SECRETS, "URL"))


def data_dir(environ: Mapping[str, str] = os.environ) -> Path:
    """Return the folder that holds everything this installation stores."""
    if explicit := environ.get("PISOVEREIGN_DATA_DIR"):
        return Path(explicit).absolute()
    if xdg := environ.get("XDG_DATA_HOME"):
        return Path(xdg).absolute() / "pisovereign"
    return Path.home() / ".local" / "share" / "pisovereign"


def models_dir(environ: Mapping[str, str] = os.environ) -> Path:
    """Return the folder that holds model files; it may be shared, since files are only read."""
    explicit = environ.get("PISOVEREIGN_MODELS_DIR")
    return Path(explicit).absolute() if explicit else data_dir(environ) / "models"


def config_file(environ: Mapping[str, str] = os.environ) -> Path:
    """Return the configuration file: named by the environment, else in the data folder."""
    explicit = environ.get("PISOVEREIGN_CONFIG")
    return Path(explicit).absolute() if explicit else data_dir(environ) / "config.toml"


def load(environ: Mapping[str, str], whole: type[C], faults: Faults[C]) -> C:
    """Read the configuration.

    Args:
        environ: Says where it is, and what is otherwise.
        whole: Its type, with all sections.
        faults: Yields what is wrong with settings that are right one by one.

    Raises:
        StartError: names every unknown key, wrong type and out-of-range value, and its source.
    """
    path = config_file(environ)
    tree = _read_toml(path, required="PISOVEREIGN_CONFIG" in environ)
    origins, problems = _apply_environment(tree, environ, whole)
    problems += _former_settings(tree, path)
    config, errors = check(tree, whole)
    if config is not None:
        errors = [*errors, *faults(config)]
    problems += [_describe(error, path, origins) for error in errors]
    if problems or config is None:
        raise StartError("\n".join(problems))
    _refuse_plain_keys_in_production(config, path)
    _refuse_duplicate_schedules(config, path)
    return config


def names_model(environ: Mapping[str, str] = os.environ) -> bool:
    """Return whether the configuration names a model, or another server, rather than nothing.

    Raises:
        StartError: The file cannot be read.
    """
    tree = _read_toml(config_file(environ), required=False)
    variables = {n: v for n, v in environ.items() if n.startswith(f"{PREFIX}INFERENCE__")}
    _apply_environment(tree, variables, Config)
    inference = tree.get("inference")
    return isinstance(inference, dict) and bool(inference.keys() & {"model", "base_url"})


def _read_toml(path: Path, *, required: bool) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        if required:
            raise StartError(f"{path}: no such file (named by PISOVEREIGN_CONFIG)") from None
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise StartError(f"{path}: not valid TOML: {error}") from None
    except OSError as error:
        raise StartError(f"{path}: cannot be read: {error.strerror}") from None


def settings(whole: type[Config]) -> Iterator[tuple[str, str, Any, msgspec.structs.FieldInfo]]:
    """Yield every setting of a configuration as section, name, annotation and msgspec field."""
    for section in msgspec.structs.fields(whole):
        hints = get_type_hints(section.type, include_extras=True)
        for field in msgspec.structs.fields(section.type):
            yield section.name, field.name, hints[field.name], field


def _apply_environment(
    tree: dict[str, Any], environ: Mapping[str, str], whole: type[Config]
) -> tuple[dict[str, str], list[str]]:
    """Lay the environment over `tree`; return which variable set which key, and the problems."""
    known = {f"{PREFIX}{s}__{n}".upper(): (s, n, a) for s, n, a, _ in settings(whole)}
    origins: dict[str, str] = {}
    problems: list[str] = []
    for variable in sorted(environ):
        if not variable.startswith(PREFIX) or variable in RESERVED:
            continue
        section, _, name = variable.removeprefix(PREFIX).lower().partition("__")
        if variable not in known and (section, name) in _FORMER:
            problems.append(f"environment: {variable} {_FORMER[section, name]}")
            continue
        if variable not in known:
            near = difflib.get_close_matches(variable, [*known, *RESERVED], n=1)
            hint = f"; did you mean {near[0]}?" if near else ""
            problems.append(f"environment: {variable} is not a known setting{hint}")
            continue
        section, name, annotation = known[variable]
        table = tree.setdefault(section, {})
        if isinstance(table, dict):
            table[name] = _parse(environ[variable], annotation)
            origins[f"{section}.{name}"] = variable
    return origins, problems


def _former_settings(tree: dict[str, Any], path: Path) -> list[str]:
    """Take settings of earlier versions out of `tree`; return what is to be done about each."""
    problems = []
    for (section, name), now in _FORMER.items():
        table = tree.get(section)
        if isinstance(table, dict) and name in table:
            del table[name]
            problems.append(f"{path}: {section}.{name} {now}")
    return problems


def _parse(text: str, annotation: Any) -> Any:
    """Read an environment variable: lists and tables as JSON, everything else as plain text.

    What cannot be read is returned unchanged, and the check that follows refuses it.
    """
    try:
        if text[:1] in "[{" and text:
            return msgspec.json.decode(text)
        return msgspec.to_builtins(msgspec.convert(text, annotation, strict=False))
    except msgspec.MsgspecError:
        return _as_number(text)


def _as_number(text: str) -> Any:
    # A number that is out of range is to be reported as that, not as "not a number".
    try:
        return float(text) if "." in text else int(text)
    except ValueError:
        return text


def _describe(error: FieldError, path: Path, origins: Mapping[str, str]) -> str:
    field = error["field"]
    source = origins.get(field)
    place = f"environment: {source}" if source else f"{path}: {field}"
    return f"{place} {error['error']}"


def _refuse_plain_keys_in_production(config: Config, path: Path) -> None:
    if config.server.environment == "production" and config.security.api_key_users:
        raise StartError(
            f"{path}: security.api_key_users holds API keys in plain text, which a production "
            "server refuses; run `pisovereign-cli migrate-keys` to replace them with hashes"
        )


def _refuse_duplicate_schedules(config: Config, path: Path) -> None:
    seen: set[str] = set()
    for i, schedule in enumerate(config.agentic.schedules):
        if schedule.name in seen:
            raise StartError(
                f"{path}: agentic.schedules[{i}].name: there is another {schedule.name}"
            )
        seen.add(schedule.name)


def masked(config: Config) -> dict[str, Any]:
    """Return the configuration as plain data with secrets hidden and without empty values."""
    data: dict[str, Any] = msgspec.to_builtins(config)
    for section, name, annotation, _ in settings(type(config)):
        meta = next((m for m in annotation.__metadata__ if isinstance(m, msgspec.Meta)), None)
        value = data[section][name]
        if meta is not None and (meta.extra or {}).get("secret") and value:
            data[section][name] = _hide(value)
    for key in data["security"]["api_keys"]:
        key["hash"] = "********"
    return {  # TOML has no null
        section: {name: value for name, value in values.items() if value is not None}
        for section, values in data.items()
    }


def _hide(value: object) -> object:
    if isinstance(value, dict):  # API keys by user: the users may be seen
        return {f"******** {i}": user for i, user in enumerate(value.values(), 1)}
    return "********"
