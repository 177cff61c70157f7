"""What is accepted means to a shell exactly what it means here; everything else is refused."""

from __future__ import annotations

import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pisovereign.catalog.command_line import CommandRefused, parse_command
from pisovereign.catalog.placeholders import Placeholder
from tests.support.patience import PATIENCE_S

METACHARACTERS = "|&;<>()$`\\\"'*?[]#~!{}^"


def refused(text: str) -> str:
    with pytest.raises(CommandRefused) as caught:
        parse_command(text)
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "argv"),
    [
        ("df -h", ("df", "-h")),
        ("  df   -h  ", ("df", "-h")),
        ("tail -n 100 /var/log/syslog", ("tail", "-n", "100", "/var/log/syslog")),
        ("date '+%d.%m. %H:%M'", ("date", "+%d.%m. %H:%M")),
        ('ls "/srv/my films"', ("ls", "/srv/my films")),
        ("ls /srv/'my films'/\"a b\"c", ("ls", "/srv/my films/a bc")),
        ("grep -F '$(x) | `y` * ? {z:word}' a", ("grep", "-F", "$(x) | `y` * ? {z:word}", "a")),
        ("ls /srv/Küche", ("ls", "/srv/Küche")),
        ("echo ''", ("echo", "")),
        ("lsblk -o NAME,SIZE --x=y:z@w", ("lsblk", "-o", "NAME,SIZE", "--x=y:z@w")),
    ],
)
def test_words(text: str, argv: tuple[str, ...]) -> None:
    assert parse_command(text) == argv


def test_a_placeholder_is_one_word() -> None:
    words = parse_command("ping -c {count:int:1..10} {host:hostname}")
    assert words[2:] == (Placeholder("count", "int", "1..10"), Placeholder("host", "hostname"))


@pytest.mark.parametrize("char", METACHARACTERS)
@pytest.mark.parametrize("form", ["df {} x", "df{}", "df -h{}", "{} df", "df -h {}", "df a{}b"])
def test_every_character_of_shells_is_refused(char: str, form: str) -> None:
    text = form.replace("{}", char)
    assert "shell" in refused(text) or "{" in char or "}" in char


@pytest.mark.parametrize("char", [c for c in METACHARACTERS if c != "'"])
def test_and_means_itself_between_single_quotes(char: str) -> None:
    assert parse_command(f"grep -F 'a{char}b' file")[2] == f"a{char}b"


@pytest.mark.parametrize(
    "text", ['echo "$HOME"', 'echo "`id`"', 'echo "a\\b"', "echo 'a", 'echo "a']
)
def test_what_shells_do_between_double_quotes_is_refused(text: str) -> None:
    assert "shell" in refused(text)


@pytest.mark.parametrize(
    "text",
    [
        "df && id", "df || id", "df | sh", "df > /etc/passwd", "df 2>&1", "df < x", "df << x",
        "df; id", "df &", "(df)", "{ df; }", "df $(id)", "df `id`", "df ${x}", "df $x", "df *",
        "df a?", "df [ab]", "df {a,b}", "df {1..3}", "ls ~", "ls ~root", "df # x", "! df",
        "PATH=/tmp df", "LD_PRELOAD=x df", "A+=b df", "df \\; id", "df -h; ", "x='a' ls",
    ],
)  # fmt: skip
def test_what_only_a_shell_would_do_is_refused(text: str) -> None:
    message = refused(text)
    assert "shell" in message or "placeholder" in message


@pytest.mark.parametrize(
    "char",
    [
        "\n", "\r", "\t", "\0", "\x0b", "\x1b", "\x7f", "\x85",
        "\u00a0", "\u00ad", "\u00d7",  # no-break space, soft hyphen, a times sign like x
        "\u0131\u0307", "\u0430", "\u03bf", "\u2215", "\u2044",  # dots, Cyrillic, Greek, slashes
        "\uff1b", "\uff5c", "\uff04", "\uff40", "\uff06", "\uff0d", "\uff07",  # full width ;|$`&-'
        "\u2013", "\u2212", "\u2010", "\u2019", "\u201c", "\u037e",  # like - - - ' " ;
        "\u200b", "\u200e", "\u202e", "\u2066", "\u2028", "\ufeff", "\U000e0020",  # invisible
        "\u017f", "\ufb01", "\U0001d41a", "\U0001f600", "e\u0301", "\ud800",
    ],
)  # fmt: skip
@pytest.mark.parametrize("form", ["df -h{}", "df '{}'", "d{}f", "df{}-h"])
def test_characters_that_deceive_are_refused_even_in_quotes(char: str, form: str) -> None:
    assert "U+" in refused(form.replace("{}", char))


@pytest.mark.parametrize("text", ["", " ", "''", "'' df", "-h", "/bin/df", "./df", "../df", "b/df"])
def test_it_begins_with_the_name_of_a_program(text: str) -> None:
    refused(text)


@pytest.mark.parametrize(
    "text",
    [
        "{a:word}", "{a:word} -h", "df x{a:word}", "df {a:word}x", "df ''{a:word}",
        "df --x={a:word}", "df {a:word}{b:word}", "df {a:word} {a:word}", "df {a}", "df {a:}",
        "df {A:word}", "df {a:shell}", "df {a:word:x}", "df {a:int}", "df {a:int:9..1}",
        "df {a:int:-1..1}", "df {a:int:x}", "df {a:path}", "df {a:path:/etc}", "df {a:path:/}",
        "df {a:path:/srv/../etc}", "df {a:path:/srvx}", "df {a:path:srv}", "df {a:path:/srv/}",
        "df {}", "df {", "df }", "df }a:word{", "df {a:word} {b:word", "df {{a:word}}",
    ],
)  # fmt: skip
def test_placeholders_that_are_none(text: str) -> None:
    refused(text)


def test_there_is_an_end_to_words() -> None:
    assert len(parse_command("df" + " x" * 63)) == 64
    assert "64" in refused("df" + " x" * 64)


@given(st.text(alphabet=f"ab -=/.,:@%+_ü01 {METACHARACTERS}", max_size=30))
def test_a_shell_reads_the_same_words(text: str) -> None:
    """Asks a real one; `printf` is put in front, so that nothing is run."""
    try:
        words = parse_command(f"ls {text}")
    except CommandRefused:
        return
    if not all(isinstance(word, str) for word in words):
        return
    script = f"printf '%s\\0' ls {text}"
    said = subprocess.run(
        ["/bin/sh", "-fc", script], capture_output=True, check=True, timeout=PATIENCE_S
    )
    assert tuple(said.stdout.decode().split("\0")[:-1]) == words
