"""WordPiece against the `tokenizers` library, which is the oracle, and what it leaves to it."""

import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer
from tokenizers.models import WordPiece as WordPieceModel
from tokenizers.normalizers import BertNormalizer
from tokenizers.pre_tokenizers import BertPreTokenizer
from tokenizers.processors import BertProcessing

from pisovereign_native.wordpiece import WordPiece, classify

SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
TABLE_END = 0x3400


def small_vocabulary() -> list[str]:
    """Every character that folding can give, and a few longer pieces; much stays unknown."""
    folded = {classify(chr(code))[1] for code in range(TABLE_END)} - {"", " "}
    letters = sorted(folded | {"一", "龥"})
    inner = [f"##{letter}" for letter in letters if letter not in "xyz"]
    longer = ["un", "able", "##able", "##ab", "##bl", "strasse", "##asse", "naive", "κα", "##ος"]
    return [*SPECIAL, *letters, *inner, *longer, "#" * 2, "longer than any word" * 9, "🙂"]


def oracle(vocabulary: list[str]) -> Tokenizer:
    ids = {piece: number for number, piece in enumerate(vocabulary)}
    tokenizer = Tokenizer(WordPieceModel(ids, unk_token="[UNK]", max_input_chars_per_word=100))
    tokenizer.normalizer = BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = BertPreTokenizer()
    tokenizer.post_processor = BertProcessing(("[SEP]", ids["[SEP]"]), ("[CLS]", ids["[CLS]"]))
    tokenizer.add_special_tokens(SPECIAL)
    return tokenizer


VOCABULARY = small_vocabulary()
OURS = WordPiece(VOCABULARY)
THEIRS = oracle(VOCABULARY)


def library_ids(text: str, max_tokens: int, tokenizer: Tokenizer = THEIRS) -> list[int]:
    tokenizer.enable_truncation(max_tokens)
    ids: list[int] = tokenizer.encode(text).ids
    return ids


def test_every_character_is_equal_or_left_to_the_library() -> None:
    covered = 0
    for code in [*range(TABLE_END), *range(0x4E00, 0xA000, 7)]:
        text = f"{chr(code)} un{chr(code)}able"
        ids = OURS.encode(text, 64)
        if ids is not None:
            covered += 1
            assert ids == library_ids(text, 64), f"U+{code:04X}"
    assert covered > 7000  # it would be easy to be right by covering nothing


@pytest.mark.parametrize(
    "text",
    [
        *("Grüße aus Köln, Straße!", "naïve café — “quoted” … €5", "Ελληνικά: καλός", "Привет"),
        *("日本 is 一龥", "a\x00b\tc\r\nd\u200de", "e\u0301 combining", "#hash ##able $x^2=`~|<>"),
    ],
)
def test_everyday_text_is_covered(text: str) -> None:
    assert OURS.encode(text, 64) == library_ids(text, 64)


@pytest.mark.parametrize(
    "text", ["🙂", "한국어", "no \ud800 surrogate", "a [SEP] b", "[CLS]", "x[MASK]", "\u0378"]
)
def test_what_it_does_not_know_is_left_to_the_library(text: str) -> None:
    assert OURS.encode(text, 64) is None


def test_brackets_that_spell_no_special_token_are_signs() -> None:
    for text in ("[sep]", "[SEP", "[ SEP]", "[unused0]", "[[SE]P]"):
        assert OURS.encode(text, 64) == library_ids(text, 64)


texts = st.text(
    st.sampled_from("abelnusxz ABÄéß#[]-.,ΣςΚαος\u0301\u200b\u00a0一龥\t\x00"), max_size=80
)


@given(
    text=texts | st.text(max_size=40) | st.sampled_from(["un", "a", "x"]).map(lambda s: s * 60),
    max_tokens=st.integers(2, 40),
)
def test_it_equals_the_library_on_all_it_accepts(text: str, max_tokens: int) -> None:
    ids = OURS.encode(text, max_tokens)
    assert ids is None or ids == library_ids(text, max_tokens)


@pytest.mark.parametrize("length", [99, 100, 101, 300])
def test_a_word_of_more_than_a_hundred_characters_is_unknown(length: int) -> None:
    text = "a" * length
    ids = OURS.encode(text, 512)
    assert ids == library_ids(text, 512)
    assert ids is not None
    assert (VOCABULARY.index("[UNK]") in ids) == (length > 100)


def test_a_long_text_is_cut_off_before_characters_that_no_longer_matter() -> None:
    assert OURS.encode("a a a 🙂", 4) == library_ids("a a a", 4)
    assert OURS.encode("🙂", 2) == library_ids("", 2)
    with pytest.raises(ValueError, match="max_tokens is 1"):
        OURS.encode("a", 1)


def test_a_broken_vocabulary_is_refused() -> None:
    with pytest.raises(ValueError, match="twice"):
        WordPiece([*SPECIAL, "a", "a"])
    with pytest.raises(ValueError, match=r"no \[CLS\], \[SEP\]"):
        WordPiece(["[UNK]", "a"])
    with pytest.raises(ValueError, match="at most"):
        WordPiece([str(number) for number in range(70_000)])
    with pytest.raises(TypeError):
        WordPiece(None)  # type: ignore[arg-type]


def test_classify_follows_the_normaliser() -> None:
    assert classify("É")[1] == "e"
    assert classify("\u0301") == classify("\u200d")  # both vanish
    assert classify("\u00a0")[1] == " "
    new = next(c for c in map(chr, range(0x370, 0x3000)) if is_newer_than_the_table(c))
    assert classify(new) == (0, new)


def is_newer_than_the_table(letter: str) -> bool:
    newer = unicodedata.category(letter) != "Cn"
    return newer and unicodedata.ucd_3_2_0.category(letter) == "Cn"


def test_the_published_vocabulary_gives_the_same_ids(models_dir: Path) -> None:
    folder = models_dir / "all-minilm-l6-v2"
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    ours = WordPiece.from_file(folder / "vocab.txt")
    text = "The embarrassingly misspelled cheque — Anna’s naïve 2nd — wasn't antidisestablished."
    for words in (text, text.upper(), text * 20):
        assert ours.encode(words, 256) == library_ids(words, 256, tokenizer)
