"""What the tool says of a language that somebody begins to write, in a copy of the program."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from pisovereign.languages import LANGUAGES
from tools.check_language import problems

ROOT = Path(__file__).resolve().parents[2]
# Spanish for what the English copy says.
SPANISH = {
    "language.toml": [('name = "English"', 'name = "Español"'), ('"english"', '"spanish"')],
    "times.toml": [
        ("\njan = 1\n", "\nene = 1\n"),
        ('"day after tomorrow" = 2', '"pasado mañana" = 2\n"mañana" = 1'),
        ('relative = "{on}', 'relative = "(?:{on}|para )'),
        ("\nten = 10", "\nten = 10\ndiez = 10"),
        ('"{h} o\'?clock"', '"{h} o\'?clock", "las {h}"'),
        ("(?P<midnight>midnight)\"", "(?P<midnight>midnight)\", \"las (?P<h>{h})\""),
        ("(?:at|by|around|about|from", "(?:a|at|by|around|about|from"),
    ],
    "commands.toml": [("forms = [\n", "forms = [\n    '(?:recuérdame) (?P<rest>.+)',\n")],
    "words.toml": [('command_words = """', 'command_words = """\nrecuérdame mañana')],
    "actions/create_reminder.toml": [('"I will remind you {when}', '"Te lo recordaré {when}')],
}  # fmt: skip
SAID = """
import datetime as dt
from zoneinfo import ZoneInfo
from pisovereign.languages.detection import accepted_language, detect_language
from pisovereign.languages.messages import load_messages
from pisovereign.parsing.parser import Parser

now = dt.datetime(2026, 3, 11, 9, 20, tzinfo=dt.UTC)
parsed = Parser().parse("Recuérdame mañana a las diez comprar pan", now, ZoneInfo("UTC"), ())
print(parsed.command.title, parsed.command.remind_at.isoformat())
print(accepted_language("es-MX"), detect_language("Recuérdame mañana", "en"))
print(load_messages("es", "actions").say("create_reminder", when="x", title="y"))
"""


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The program with data for Spanish, which are copies of the English ones."""
    for name in ("pisovereign", "tools"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    languages = tmp_path / "pisovereign" / "languages"
    shutil.copytree(languages / "en", languages / "es")
    for words in (tmp_path / "pisovereign" / "connectors").glob("*/words/en.toml"):
        shutil.copy(words, words.with_stem("es"))
    return tmp_path


def run(copy: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments], cwd=copy, capture_output=True, text=True, timeout=60,
        check=False,
    )  # fmt: skip


def check(copy: Path) -> list[str]:
    return run(copy, "-m", "tools.check_language", "es").stdout.splitlines()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_languages_that_are_there_are_complete(language: str) -> None:
    assert problems(language) == []


def test_a_language_is_added_by_files_alone(copy: Path) -> None:
    folder = copy / "pisovereign" / "languages" / "es"
    for name, changes in SPANISH.items():
        text = (folder / name).read_text()
        for old, new in changes:
            assert old in text, old
            text = text.replace(old, new)
        (folder / name).write_text(text)
    assert check(copy) == ["complete"]
    said = run(copy, "-c", SAID)
    assert said.stdout.splitlines() == [
        "comprar pan 2026-03-12T10:00:00+00:00",
        "es es",
        "Te lo recordaré x: y",
    ], said.stderr


def test_what_is_missing_or_wrong_is_named(copy: Path) -> None:
    folder = copy / "pisovereign" / "languages" / "es"
    (folder / "claims.toml").unlink()
    (folder / "actions" / "find_contact.toml").rename(folder / "actions" / "contacts.toml")
    for name, old, new in (
        ("messages", "\nall_day = ", "\nwhole_day = "),
        ("actions/help", '\nhelp = "', '\nhelpp = "'),
        ("actions/create_reminder", "\ncreate_reminder = .*", '\ncreate_reminder = "{title}"'),
        ("actions/set_timer", r"\ntimer = \[\n(.|\n)*?\n\]\n", "\n"),
    ):
        file = folder / f"{name}.toml"
        file.write_text(re.sub(old, new, file.read_text(), count=1))
    assert check(copy) == [
        "es/actions/contacts.toml: is the file of no action",
        "es/actions/create_reminder.toml: messages.create_reminder needs the values title, when",
        "es/actions/find_contact.toml: is missing",
        "es/actions/help.toml: messages.help is missing",
        "es/actions/help.toml: messages.helpp is nothing that there is",
        "es/actions/set_timer.toml: forms.timer is missing",
        "es/claims.toml: is missing",
        "es/messages.toml: actions.all_day is missing",
        "es/messages.toml: actions.whole_day is nothing that there is",
        "9 to do",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("added", "told"),
    [
        ("[words]\nat = 'a'", "es/actions/help.toml: Object contains unknown field `words`"),
        ("[messages]\nstop = 'a'", "es/actions/help.toml: messages.stop is nothing that there is"),
        ("[carriers]\nalarm = ['a']", "the rules cannot be made: alarm: is there twice"),
        ("[signals]\nplace = 'a'", "the rules cannot be made: place: is there twice"),
    ],
)
def test_what_files_of_actions_may_not_hold_is_named(copy: Path, added: str, told: str) -> None:
    path = copy / "pisovereign" / "languages" / "es" / "actions" / "help.toml"
    text = path.read_text()
    table = added.partition("\n")[0]
    path.write_text(text.replace(table, added) if table in text else f"{text}\n{added}\n")
    assert any(told in line for line in check(copy))


def test_a_pattern_that_is_none_is_named(copy: Path) -> None:
    times = copy / "pisovereign" / "languages" / "es" / "times.toml"
    times.write_text(times.read_text().replace("{on}(?P<part>tonight)", "{onn}(?P<part>tonight)"))
    assert any("{onn} stands for no pattern" in line for line in check(copy))


def test_a_folder_without_its_first_file_is_no_language(copy: Path) -> None:
    (copy / "pisovereign" / "languages" / "es" / "language.toml").unlink()
    assert check(copy)[0].startswith("es/language.toml: is missing")
