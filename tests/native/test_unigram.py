from __future__ import annotations

import random
import struct
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer

from pisovereign.models.sentencepiece import UnigramModel, read_unigram
from pisovereign.models.unigram_file import unigram_bytes
from pisovereign_native.unigram import HEADER, Unigram
from tests.native.unigram_oracle import oracle

CONTROL = [("<unk>", 0.0), ("<s>", 0.0), ("</s>", 0.0)]
# A sentence in each language that the encoder was trained on.
SENTENCES = (
    "أين وضعت مفتاح الكراج؟",
    "Wo habe ich den Schlüssel der Garage hingelegt?",
    "Where did I put the key of the garage?",
    "¿Dónde puse la llave del garaje?",
    "Où ai-je mis la clé du garage, s'il vous plaît ?",
    "Dove ho messo la chiave del garage? È lì.",
    "車庫の鍵はどこに置きましたか？",
    "차고 열쇠를 어디에 두었나요?",
    "Waar heb ik de sleutel van de garage gelegd?",
    "Gdzie położyłem klucz do garażu?",
    "Onde pus a chave da garagem? Não sei.",
    "Куда я положил ключ от гаража?",
    "ฉันวางกุญแจโรงรถไว้ที่ไหน",
    "Garajın anahtarını nereye koydum?",
    "我把车库的钥匙放在哪里了？",
    "我把車庫的鑰匙放在哪裡了？",
)


def unigram(pieces: Sequence[tuple[str, float]]) -> Unigram:
    return Unigram(unigram_bytes(UnigramModel([*CONTROL, *pieces], b"")))


@pytest.fixture(scope="module")
def model(models_dir: Path) -> UnigramModel:
    return read_unigram(models_dir / "use-multilingual" / "sp.model")


@pytest.fixture(scope="module")
def library(model: UnigramModel) -> Tokenizer:
    return oracle(model)


@pytest.fixture(scope="module")
def native(models_dir: Path) -> Unigram:
    return Unigram.from_file(models_dir / "use-multilingual" / "unigram.bin")


def test_ids_of_the_published_vocabulary(native: Unigram) -> None:
    assert native.encode("Hello world", 9) == [1, 17486, 1017, 2]
    german = [1, 5325, 176, 99, 5693, 66376, 21, 2]
    assert native.encode("Wo ist der Autoschlüssel?", 9) == german
    assert native.encode("明日の天気は？", 9) == [1, 6, 23876, 73, 405, 1405, 89, 21, 2]
    assert native.encode("", 9) == native.encode(" \t\n ", 9) == [1, 2]


def test_the_library_gives_the_same_for_the_published_vocabulary(
    native: Unigram, library: Tokenizer
) -> None:
    letters = "".join(SENTENCES)
    chance = random.Random(4)
    shuffled = ["".join(chance.choices(letters, k=20)) for _ in range(500)]
    odd = [
        "ﬁne\u00a0day \u2460 Å½ ①",
        "extra_token_id_1",
        "a\u200bb",
        "🎂 birthday 🎂🎂",
        "ß" * 99,
    ]
    for text in (*SENTENCES, *shuffled, *odd):
        assert native.encode(text, 999) == library.encode(text).ids


def test_halves_of_letters_are_put_together_by_the_published_vocabulary(native: Unigram) -> None:
    """The library leaves these apart; SentencePiece itself does not."""
    assert native.encode("ﾃﾚﾋﾞ", 9) == native.encode("テレビ", 9)


def test_control_pieces_of_the_published_vocabulary_cannot_be_spelled(native: Unigram) -> None:
    assert not {0, 1, 2} & set(native.encode("</s> <s> x", 99)[1:-1])


def test_text_is_cut_to_fit_with_the_published_vocabulary(native: Unigram) -> None:
    whole = native.encode("one two three four", 99)
    for most in range(2, len(whole)):
        assert native.encode("one two three four", most) == [*whole[: most - 1], 2]
    assert len(native.encode("word " * 50_000, 256)) == 256
    assert len(native.encode("字" * 50_000, 256)) == 256
    with pytest.raises(ValueError, match="max_tokens is 1"):
        native.encode("", 1)


def test_lone_surrogates_are_question_marks_in_the_published_vocabulary(native: Unigram) -> None:
    assert native.encode("a \ud800", 9) == native.encode("a ?", 9)


def test_a_later_build_of_the_published_vocabulary_is_the_same_file(
    model: UnigramModel, models_dir: Path
) -> None:
    made = (models_dir / "use-multilingual" / "unigram.bin").read_bytes()
    assert unigram_bytes(model) == made


@given(
    st.dictionaries(
        st.text("▁abcé字", min_size=1, max_size=4).filter(lambda piece: "▁" not in piece[1:]),
        st.floats(-20, -1, width=32).map(lambda score: round(score * 64) / 64),
        min_size=1,
        max_size=30,
    ),
    st.text("abcé字x  ", max_size=25),
)
def test_the_most_probable_cut_of_any_vocabulary(scores: dict[str, float], text: str) -> None:
    """The sum of scores is the library's; among equals the choice may differ."""
    scores.setdefault("▁", -3.0)
    pieces = [*CONTROL, *scores.items()]
    lowest = min(score for _, score in pieces) - 10

    def total(ids: Sequence[int]) -> float:
        return sum(lowest if number == 0 else pieces[number][1] for number in ids[1:-1])

    ours = unigram(list(scores.items())).encode(text, 999)
    theirs = oracle(UnigramModel(pieces, b"")).encode(text).ids
    spelled = "".join("?" if number == 0 else pieces[number][0] for number in ours[1:-1])
    assert [total(ours), len(spelled)] == [
        pytest.approx(total(theirs)),
        len("".join("?" if number == 0 else pieces[number][0] for number in theirs[1:-1])),
    ]


@given(st.text(max_size=40))
def test_any_text_has_ids(text: str) -> None:
    ids = unigram([("▁", -2.0), ("a", -3.0), ("▁a", -1.0)]).encode(text, 20)
    assert ids[0] == 1
    assert ids[-1] == 2
    assert len(ids) <= 20


def test_damaged_files_are_refused() -> None:
    good = unigram_bytes(UnigramModel([*CONTROL, ("▁", -2.0), ("ab", -3.0)], b""))
    Unigram(good)
    with pytest.raises(ValueError, match="no unigram file"):
        Unigram(b"x" * len(good))
    for size in range(HEADER.size, len(good)):
        with pytest.raises(ValueError, match="cut off"):
            Unigram(good[:size])
    damaged = 0
    for at in range(HEADER.size, len(good)):
        try:
            Unigram(good[:at] + struct.pack("B", good[at] ^ 0x40) + good[at + 1 :]).encode("ab", 9)
        except ValueError:
            damaged += 1
    assert damaged > len(good) // 3
