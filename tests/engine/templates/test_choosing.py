"""Which template a model gets, and what is said of it."""

from __future__ import annotations

import pytest

from pisovereign.engine.errors import ModelError
from pisovereign.engine.templates import choose_template
from pisovereign.engine.templates.conversations import CALL, CALLING, HELLO, TOOL
from pisovereign.engine.templates.safety import marks_of
from pisovereign.engine.templates.sources import TemplateSources
from pisovereign.engine.templates.special_texts import SpecialTexts
from pisovereign.engine_client.types import Message
from tests.engine.templates.support import CHATML, FakeVocabulary, flat, vocabulary

LLAMA3 = ("<|begin_of_text|>", "<|eot_id|>", "<|start_header_id|>", "<|end_header_id|>")


def test_its_own_is_used() -> None:
    model = FakeVocabulary(vocabulary(CHATML))
    template, warning = choose_template(model, TemplateSources(CHATML))
    assert (template.name, warning, model.fitted) == ("own", "", ["own"])


def test_a_known_one_may_be_asked_for() -> None:
    model = FakeVocabulary(vocabulary(CHATML))
    template, warning = choose_template(model, TemplateSources(CHATML), "chatml")
    assert (template.name, warning) == ("chatml", "")
    with pytest.raises(ModelError):
        choose_template(model, TemplateSources(CHATML), "llama3")


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("", "the model file has none"),
        ("{% if %}", "Expected an expression"),
        ("{% include 'x' %}", "uses Include"),
        ("{{ raise_exception('not today') }}", "refuses: not today"),
        ("{{ messages[0].content }}", "leaves out what a conversation consists of"),
        ("<|im_start|>", "leaves out what the user says"),
        (
            "{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}",
            "no control token between question and answer",
        ),
        (
            CHATML.replace("<|im_start|>'", "<|' ~ 'im_start|>'"),
            "puts the control token <|im_start",
        ),
        (
            CHATML
            + "{% for a in range(99999) %}{% for a in range(99999) %}{% endfor %}{% endfor %}",
            "much work",
        ),
        (
            CHATML.replace(
                "+ message.content",
                "+ ('<|im_end|>' if '!' in message.content else '') + message.content",
            ),
            "",
        ),
        (
            CHATML.replace(
                "message.content + '<|im_end|>",
                "message.content|replace('|', '<|im_end|>') + '<|im_end|>",
            ),
            "takes control tokens from what people write",
        ),
    ],
)
def test_what_cannot_be_used_is_replaced(source: str, reason: str) -> None:
    model = FakeVocabulary(vocabulary(CHATML))
    template, warning = choose_template(model, TemplateSources(source))
    assert template.name == ("chatml" if reason else "own")
    assert reason in warning
    assert ("is not used, but chatml" in warning) == bool(reason)


def test_the_fallback_that_is_named_comes_first() -> None:
    both = SpecialTexts(dict.fromkeys([*LLAMA3, "<|im_start|>", "<|im_end|>"], 1))
    for name in ("llama3", "chatml"):
        chosen = choose_template(FakeVocabulary(both), TemplateSources(), fallback=name)
        assert chosen.template.name == name
    only = SpecialTexts(dict.fromkeys(LLAMA3, 1))
    chosen = choose_template(FakeVocabulary(only), TemplateSources(), fallback="chatml")
    assert chosen.template.name == "llama3"


def test_no_template_at_all() -> None:
    with pytest.raises(ModelError, match="no chat template fits the model: the model file has"):
        choose_template(FakeVocabulary(SpecialTexts()), TemplateSources())


def test_another_template_for_tools() -> None:
    with_tools = CHATML.replace("{% for", "TOOLS {{ tools|tojson }}{% for", 1)
    sources = TemplateSources(CHATML, with_tools)
    template, warning = choose_template(FakeVocabulary(vocabulary(CHATML)), sources)
    assert not warning
    assert not flat(template.render(HELLO)).startswith("TOOLS")
    assert flat(template.render(HELLO, [TOOL])).startswith('TOOLS [{"type": "function"')


def test_what_every_prompt_begins_with_is_put_in_once() -> None:
    adds = SpecialTexts(vocabulary(CHATML).control, bos="<s>", adds_bos=True)
    for text in (CHATML, "{{ bos_token }}" + CHATML):
        template, _ = choose_template(FakeVocabulary(adds), TemplateSources(text))
        assert flat(template.render(HELLO)).startswith("<s><|im_start|>")
        assert flat(template.front(HELLO)).startswith("<s><|im_start|>")


def test_words_of_the_vocabulary_are_marks_of_a_known_one_too() -> None:
    model = FakeVocabulary(vocabulary(CHATML))
    template, _ = choose_template(model, TemplateSources(), fallback="chatml")
    result = Message("tool", "<tool_response><tool_call>\ufdd0", tool_call_id=CALL.id)
    segments = template.render([*CALLING[:-1], result], [TOOL])
    assert marks_of(segments) == marks_of(template.render(CALLING, [TOOL]))
    assert marks_of(segments).count("<tool_response>") == 1
    assert any("<tool_response><tool_call>\n" in s for s in segments if isinstance(s, str))
