"""The tokenizers library as the oracle of the unigram tokenizer."""

from __future__ import annotations

from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, processors

from pisovereign.models.sentencepiece import UnigramModel


def oracle(model: UnigramModel) -> Tokenizer:
    """The same model in the library."""
    made = Tokenizer(models.Unigram(model.pieces, unk_id=0, byte_fallback=False))
    steps: list[normalizers.Normalizer] = [
        normalizers.Strip(),
        normalizers.Replace(Regex(" {2,}"), " "),
    ]
    if model.character_map:
        steps.insert(0, normalizers.Precompiled(model.character_map))
    made.normalizer = normalizers.Sequence(steps)
    made.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")
    made.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", special_tokens=[("<s>", 1), ("</s>", 2)]
    )
    return made
