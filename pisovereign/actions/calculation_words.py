"""Arithmetic in words: put into the signs that `calculation` reads.

The words are data (`languages/<code>/calculation.toml`), and so is how a language writes numbers.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Mapping

import msgspec

from pisovereign.languages import Language, Traits, load_data, load_traits
from pisovereign.languages.words import STOP_WORDS_OF, caseless

_SIGNS = str.maketrans(
    {"×": "*", "·": "*", "⋅": "*", "∙": "*", "÷": "/", "−": "-", "–": "-", "’": "'"}
)
_CURRENCIES = dict.fromkeys(map(ord, "$€£¥"))
_RAISED = {"²": "^2", "³": "^3"}
# "3x4" and "3 x 4"; elsewhere the letter is something unknown.
_CROSS = re.compile(r"(?<=[\d)])\s*x\s*(?=[\d(√])")
_END = re.compile(r"[\s=?!.]+$")
_TENS, _HUNDRED, _THOUSAND = 10, 100, 1000


class Form(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An order of words: a pattern with the groups `a` and `b`, and what it means."""

    form: str
    result: str


class _Words(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The contents of `languages/<code>/calculation.toml`.

    Attributes:
        ignored: Words around it that ask for the result, besides those that say nothing.
        signs: Signs that mean another one in this language.
        operators: Signs by the words for them.
        currencies: Signs of currencies by the words for them.
        numbers: Numbers by the words for them, of which others are made.
        joiner: What stands between the parts of a number: "and".
        ones_first: Whether the joiner puts the ones before the tens: "fünf und zwanzig".
        forms: Orders of words, the first that fits counts.
    """

    ignored: tuple[str, ...]
    operators: dict[str, str]
    currencies: dict[str, str]
    numbers: dict[str, int]
    joiner: str
    signs: dict[str, str] = {}
    ones_first: bool = False
    forms: tuple[Form, ...] = ()


class ExpressionReader:
    """Reads arithmetic in one language.

    Args:
        language: Its code.
    """

    def __init__(self, language: Language) -> None:
        self._traits = load_traits(language)
        words = msgspec.convert(load_data(language, "calculation"), _Words)
        self._forms = [(re.compile(_spaced(form.form)), form.result) for form in words.forms]
        self._signs = words.signs
        known = {caseless(word) for word in (*words.operators, *words.numbers, words.joiner)}
        silent = STOP_WORDS_OF[language] - known
        filler = f"(?:{_any_of([*words.ignored, *silent])})"
        self._before = re.compile(rf"\s*(?:\w+[,:]\s+)?(?:{filler}(?!\w)[\s,:]*)*")
        self._after = re.compile(rf"(?:[\s,]*(?<![\w]){filler})+$")
        self._operators = {caseless(word): sign for word, sign in words.operators.items()}
        self._operator = re.compile(rf"(?<!\w)(?:{_any_of(self._operators)})(?!\w)")
        self._currencies = {caseless(word): sign for word, sign in words.currencies.items()}
        self._currency = re.compile(rf"(?<!\w)(?:{_any_of(self._currencies)})(?!\w)")
        self._numbers = _NumberWords(words)

    def signs(self, text: str) -> str:
        """Return an expression in signs, with decimal points.

        What is no word for anything stays, and is refused by the grammar.
        """
        text = _END.sub("", caseless(text.translate(_raised())).translate(_SIGNS))
        text = self._amounts(text)
        for sign, meant in self._signs.items():
            text = text.replace(sign, meant)
        text = _END.sub("", self._after.sub("", self._before.sub("", text, count=1)))
        for form, result in self._forms:
            if whole := form.fullmatch(text.strip()):
                text = result.format(**whole.groupdict())
                break
        text = _number_pattern(self._traits).sub(lambda n: plain_number(n[0], self._traits), text)
        text = self._operator.sub(lambda word: f" {self._operators[word[0]]} ", text)
        return _CROSS.sub("*", self._numbers.replace(text))

    def _amounts(self, text: str) -> str:
        """Return a text with amounts of one currency as numbers; those of several stay."""
        named = self._currency.sub(lambda word: self._currencies[word[0]], text)
        one = len({ord(character) for character in named} & _CURRENCIES.keys()) == 1
        return named.translate(_CURRENCIES) if one else text


class _NumberWords:
    """Numbers in words: "two hundred and five", "fünfundzwanzig"."""

    def __init__(self, words: _Words) -> None:
        self._values = {caseless(word): value for word, value in words.numbers.items()}
        self._joiner, self._ones_first = caseless(words.joiner), words.ones_first
        part = f"(?:{_any_of(self._values)})"
        # A hyphen with spaces around it is a minus.
        joined = re.escape(self._joiner)
        glue = rf"(?:\s+{joined}\s+|-{joined}-|{joined}|\s+|-|)"
        self._number = re.compile(rf"(?<!\w){part}(?:{glue}{part})*(?!\w)")
        self._part = re.compile(f"{_any_of([*self._values, self._joiner])}")

    def replace(self, text: str) -> str:
        """Return a text with the numbers that make sense in digits."""
        return self._number.sub(lambda found: self._digits(found[0]), text)

    def _digits(self, words: str) -> str:
        total = current = 0
        for value in self._parts(words):
            if value >= _THOUSAND:
                total, current = total + max(current, 1) * value, 0
            elif value == _HUNDRED and current < _TENS:
                current = max(current, 1) * _HUNDRED
            elif current and (value >= _HUNDRED or current % _room(value)):
                return words  # "two three" is no number
            else:
                current += value
        return str(total + current)

    def _parts(self, words: str) -> Iterator[int]:
        found = self._part.findall(words)
        skip = False
        for number, word in enumerate(found):
            if skip or word == self._joiner:
                skip = False
                continue
            tens = found[number + 1 : number + 3]
            if self._ones_first and len(tens) == 2 and tens[0] == self._joiner:
                following = self._values[tens[1]]
                if self._values[word] < _TENS <= following < _HUNDRED:
                    yield following + self._values[word]
                    found[number + 2] = self._joiner
                    continue
            yield self._values[word]


def plain_number(text: str, traits: Traits) -> str:
    """Return a number as Python writes it: 1,234.5 and 1.234,5 are 1234.5."""
    whole, _, _ = text.partition(traits.decimal)
    grouped = re.fullmatch(rf"[1-9]\d{{0,2}}(?:{_group(traits)}\d{{3}})+", whole)
    if grouped:
        text = re.sub(_group(traits), "", text)
        return text.replace(traits.decimal, ".")
    return re.sub(r"[.,]", ".", text, count=1)


@functools.cache
def expression_reader(language: Language) -> ExpressionReader:
    """Return what reads arithmetic in a language."""
    return ExpressionReader(language)


def _room(value: int) -> int:
    """Return what a number has to be a multiple of to have room for another one."""
    return _TENS if value < _TENS else _HUNDRED


def _group(traits: Traits) -> str:
    # Spaces of every width group digits, too.
    return rf"[{re.escape(traits.thousands)}\u00a0\u202f']"


def _number_pattern(traits: Traits) -> re.Pattern[str]:
    decimal = re.escape(traits.decimal)
    return re.compile(
        rf"\d{{1,3}}(?:{_group(traits)}\d{{3}})+(?!\d)(?:{decimal}\d+)?|\d+(?:[.,]\d+)?"
    )


def _any_of(words: Mapping[str, object] | tuple[str, ...] | list[str]) -> str:
    """Return a pattern for any of the words, the longest first."""
    longest_first = sorted({caseless(word) for word in words}, key=len, reverse=True)
    return "|".join(_spaced(re.escape(word)) for word in longest_first)


def _spaced(pattern: str) -> str:
    return pattern.replace(r"\ ", r"\s+").replace(" ", r"\s+")


@functools.cache
def _raised() -> dict[int, str]:
    return {ord(sign): meant for sign, meant in _RAISED.items()}
