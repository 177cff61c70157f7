"""What is learned of a message, and above all what is not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pisovereign.languages.words import split_words
from pisovereign.memory.statements import (
    LONGEST_MESSAGE,
    MOST_CHARACTERS,
    MOST_STATEMENTS,
    candidates,
    first_person_sentences,
    statements,
)

LEARNED = [
    ("I am a nurse and work at night.", "I am a nurse and work at night.", "fact"),
    ("I'm Anna", "I'm Anna.", "fact"),
    ("By the way, I’m allergic to peanuts!", "I’m allergic to peanuts.", "fact"),
    ("My name is Zebulon, what is yours?", "My name is Zebulon.", "fact"),
    ('My dog is called "Rex".', 'My dog is called "Rex".', "fact"),
    ("Hi there! I live in Graz.", "I live in Graz.", "fact"),
    ("I have two children and a dog", "I have two children and a dog.", "fact"),
    ("Our landlord is Mr. Weber.", "Our landlord is Mr. Weber.", "fact"),
    ("I don't like coriander at all", "I don't like coriander at all.", "preference"),
    ("I prefer tea to coffee.", "I prefer tea to coffee.", "preference"),
    ("My favourite color is dark green", "My favourite color is dark green.", "preference"),
    ("No, I live in Hamburg.", "I live in Hamburg.", "correction"),
    ("That's wrong. I work as a carpenter.", "I work as a carpenter.", "correction"),
    ("I can't eat gluten.", "I can't eat gluten.", "preference"),
    ("I've been a vegetarian for years", "I've been a vegetarian for years.", "fact"),
    ("I no longer eat meat.", "I no longer eat meat.", "correction"),
    ("I don't work at Siemens anymore.", "I don't work at Siemens anymore.", "correction"),
    ("Ich bin Lehrerin an einer Schule.", "Ich bin Lehrerin an einer Schule.", "fact"),
    ("Ich heiße Jürgen", "Ich heiße Jürgen.", "fact"),
    ("Mein Geburtstag ist am 3. März.", "Mein Geburtstag ist am 3. März.", "fact"),
    ("Übrigens: mein Hund heißt Bello", "Mein Hund heißt Bello.", "fact"),
    ("Ich bin in Bremen aufgewachsen.", "Ich bin in Bremen aufgewachsen.", "fact"),
    ("Ich habe eine Katze namens Minka.", "Ich habe eine Katze namens Minka.", "fact"),
    ("Ich bin Vegetarier, was kann ich kochen?", "Ich bin Vegetarier.", "fact"),
    ("Wir sind 2019 nach Graz gezogen.", "Wir sind 2019 nach Graz gezogen.", "fact"),
    ("Ich vertrage kein Gluten.", "Ich vertrage kein Gluten.", "preference"),
    ("Seit 2010 esse ich kein Fleisch.", "Seit 2010 esse ich kein Fleisch.", "preference"),
    ("Ich mag keinen Spinat.", "Ich mag keinen Spinat.", "preference"),
    ("Ich trinke morgens am liebsten Tee.", "Ich trinke morgens am liebsten Tee.", "preference"),
    ("Meine Lieblingsfarbe ist Blau.", "Meine Lieblingsfarbe ist Blau.", "preference"),
    ("Nein, ich arbeite bei der Bahn.", "Ich arbeite bei der Bahn.", "correction"),
    ("Ich wohne nicht mehr in Wien.", "Ich wohne nicht mehr in Wien.", "correction"),
]
ASKED = [
    ("Please remember that Anna's birthday is on 3 May.", "Anna's birthday is on 3 May.", "fact"),
    ("Can you remember that I park on level 3?", "I park on level 3.", "fact"),
    ("Remember: the key is under the mat", "The key is under the mat.", "fact"),
    ("Don't forget that I hate olives", "I hate olives.", "preference"),
    ("Merk dir, dass ich in Graz wohne.", "Ich wohne in Graz.", "fact"),
    ("Bitte merke dir: Der Schlüssel hängt im Keller.", "Der Schlüssel hängt im Keller.", "fact"),
    ("Kannst du dir merken, dass ich Vegetarier bin?", "Ich bin Vegetarier.", "fact"),
    ("Remember that my password is in the safe", "My password is in the safe.", "fact"),
    ("My password is swordfish, please remember that", "My password is swordfish.", "fact"),
    ("Das Passwort ist Karpfen, merk dir das", "Das Passwort ist Karpfen.", "fact"),
    ("Der Code ist 4711. Bitte merken!", "Der Code ist 4711.", "fact"),
    ("Le code est 4711, retiens-le.", "Le code est 4711.", "fact"),
]
NOT_LEARNED = """
How are you? Remember that.
She said "I hate you". Don't forget it.
Am I a nurse?
What do I like?
I am tired.
I'm looking for a recipe.
I'm not sure about this.
I am so very tired.
I'm still at the office.
I've been waiting for an hour.
I've been ill for a week.
I like it.
I like your answer.
I'd like a coffee.
I would like to live in Rome.
If I am late, call me.
I am happy if you help me.
Maybe I am allergic to nuts.
I wish I had a dog
He said "I am a doctor and I live in Rome."
She says I am lazy.
> I am your father
```I am code and I live here```
Translate into German: I am hungry and I live in Rome.
I have a question about taxes.
My question is how to cook rice.
My code is broken.
My password is hunter2.
Remember to call Anna tomorrow.
Remember when we met?
Tell me about my dog.
Write a poem about my cat.
I think the sky is blue.
I am going to the shop tomorrow.
Bin ich Lehrerin?
Ich bin müde.
Ich bin jetzt am Bahnhof.
Ich bin mir nicht sicher.
Ich habe eine Frage zu Python.
Ich habe ein Buch gelesen
Wenn ich in Graz wohne, was kostet das?
Vielleicht bin ich allergisch.
Ich mag das.
Ich mag es sehr.
Er sagte: „Ich bin Arzt und wohne in Rom.“
Er sagt, ich bin faul.
Denk daran, die Blumen zu gießen.
Übersetze: Ich bin Arzt und wohne in Rom.
Stell dir vor, ich bin ein Pirat.
Ich möchte gern wissen, wie das geht.
Ich würde gern in Rom leben.
Meine Frage ist, wie man Reis kocht.
Mein Passwort ist geheim.
Schreib mir einen Brief an meine Tante.
Ich bin gerade unterwegs.
""".strip().splitlines()
FOREIGN = [
    "Translate this sentence.\nI am a doctor and I live in Rome.",
    "Write me a short story. I am the hero.",
    "Let's role-play. I am a wizard from Oz.",
    "Summarize this email:\nHi Bob,\nI live in Rome and I like pasta.\nRemember that I owe you.",
    "Was heißt der folgende Satz auf Englisch?\nIch wohne in Rom.",
    "Mein Chef schrieb:\nIch wohne in Rom.",
]


@pytest.mark.parametrize(("message", "content", "kind"), LEARNED)
def test_statements_of_the_user(message: str, content: str, kind: str) -> None:
    (found,) = statements(message)
    assert (found.content, found.kind, found.requested) == (content, kind, False)


@pytest.mark.parametrize(("message", "content", "kind"), ASKED)
def test_what_the_user_asks_to_remember(message: str, content: str, kind: str) -> None:
    (found,) = statements(message)
    assert (found.content, found.kind, found.requested) == (content, kind, True)


@pytest.mark.parametrize("message", NOT_LEARNED)
def test_what_is_no_statement_of_the_user(message: str) -> None:
    assert statements(message) == []


@pytest.mark.parametrize("message", FOREIGN)
def test_what_belongs_to_a_text_or_a_role(message: str) -> None:
    assert statements(message) == []
    assert not [text for text in first_person_sentences(message) if "Rom" in text]


def test_what_stands_before_a_task_is_learned() -> None:
    found = statements("I am vegetarian. Summarize this text. I live in Rome.")
    assert [one.content for one in found] == ["I am vegetarian."]


def test_not_too_much_at_once_and_nothing_twice() -> None:
    many = statements(" ".join(f"I own {number} bicycles." for number in range(20)))
    assert len(many) == MOST_STATEMENTS
    assert len(statements("I like tea. I LIKE tea!")) == 1
    assert statements("I like " + "very hot " * 40 + "tea.") == []
    assert statements("I like tea. " + "x" * LONGEST_MESSAGE) == []


def test_a_summary_is_short_and_whole() -> None:
    (found,) = statements("I like " + "dark " * 40 + "tea.")
    assert len(found.summary) <= 100
    assert found.content.startswith(found.summary.removesuffix("…"))
    assert statements("I like tea.")[0].summary == "I like tea."


def test_what_a_model_may_choose_from() -> None:
    message = "Hello! The garden behind our house has a pond. Am I late? My code is 4711, he said."
    assert first_person_sentences(message) == [
        "The garden behind our house has a pond.",
        "My code is 4711, he said.",
    ]
    assert (
        first_person_sentences("Tell me a joke. My password is x1. " + 'He said "I am here".') == []
    )


WORDS = """
I_am I'm my is like live_in Graz a_nurse remember_that Ich_bin mein Hund heißt
merk_dir,_dass dass wohne nicht_mehr no_longer No, . ? ! : , " „ “ ' > ` if wenn zu 7 🦔"""
PARTS = st.sampled_from(["\n", *(part.replace("_", " ") for part in WORDS.split())])
MESSAGES = st.lists(PARTS, max_size=25).map(" ".join) | st.text(max_size=200)


@pytest.mark.parametrize(
    "message",
    [
        "Ich muss am Freitag die Wäsche abholen, erinnere mich dran.",
        "Am Freitag muss ich zum Arzt.",
        "I have to pick up the laundry on Friday, remind me.",
        "Je dois appeler la banque.",
    ],
)
def test_what_is_to_be_done_is_no_fact_whatever_it_means(message: str) -> None:
    assert candidates(message) == []


@given(MESSAGES)
def test_nothing_is_learned_that_was_not_said(message: str) -> None:
    said = split_words(message)
    for one in statements(message):
        assert len(one.content) <= MOST_CHARACTERS
        assert len(one.summary) <= 100
        assert "\n" not in one.content
        assert "\0" not in one.content
        for word in set(split_words(one.content)):
            assert split_words(one.content).count(word) <= said.count(word)


@given(MESSAGES)
def test_quoted_words_are_never_learned(message: str) -> None:
    quoted = message.translate(str.maketrans('"“”„«»`', "·" * 7))
    assert statements(f"“{quoted}”") == []
    assert statements("> " + " ".join(quoted.splitlines())) == []


ENDING = ".?!;:…,\n\r\x85\u2028\"'’‘‚`„“”«»"  # or the last mark may be within a quotation


@given(MESSAGES)
def test_a_question_states_nothing(message: str) -> None:
    one_line = "".join(c if c not in ENDING else " " for c in message)
    assert not [one for one in statements(f"{one_line}?") if not one.requested]
