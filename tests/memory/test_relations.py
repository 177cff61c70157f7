"""Which facts take the place of earlier ones, and above all which do not."""

from __future__ import annotations

import pytest

from pisovereign.memory.relations import Replacement
from pisovereign.search_index.terms import Stemmer

STEMMER = Stemmer()
REPLACED = [
    ("My wife's name is Anna.", "My wife's name is Hanna."),
    ("My wife is called Anna.", "My wife's name is Hanna."),
    ("My favorite color is blue.", "My favorite color is green now."),
    ("Blue is my favorite color.", "My favourite color is green."),
    ("I live in Bonn.", "I moved to Graz."),
    ("We live in Bonn.", "We have moved to a village near Graz."),
    ("I work for Siemens.", "I now work for Bosch."),
    ("The spare key is under the pot.", "The spare key is in the garage."),
    ("The code of the gate is 1234.", "The code of the gate is 4321."),
    ("I parked on level 3.", "I parked in Mill Street."),
    ("Anna's birthday is on 3 May.", "Anna's birthday is on 4 May."),
    ("My shoe size is 42.", "My shoe size is 43."),
    ("I'm 41 years old.", "I turned 42."),
    ("Meine Frau heißt Anna.", "Meine Frau heißt Hanna."),
    ("Ich wohne in Bonn.", "Ich bin nach Graz gezogen."),
    ("Meine Lieblingsfarbe ist Blau.", "Meine Lieblingsfarbe ist jetzt Grün."),
    ("Der Ersatzschlüssel liegt unter dem Topf.", "Der Ersatzschlüssel hängt in der Garage."),
    ("Die Nummer vom Tor ist 1234.", "Die Nummer vom Tor ist 4321."),
    ("I live in Bonn.", "Ich bin nach Graz gezogen."),
]
KEPT = [
    ("My son is called Tim.", "My son is called Ben."),
    ("My sister's name is Mia.", "My sister's name is Lea."),
    ("I'm allergic to nuts.", "I'm allergic to cats."),
    ("I'm allergic to nuts.", "I'm also allergic to cats."),
    ("My favorite color is blue.", "My favorite food is pizza."),
    ("My favorite color is blue.", "Green is also my favorite color."),
    ("I live in Bonn.", "I live on the third floor."),
    ("I live in Bonn.", "My brother moved to Graz."),
    ("Anna lives in Bonn.", "Tom has moved to Graz."),
    ("Anna's birthday is on 3 May.", "Tom's birthday is on 4 May."),
    ("The spare key is under the pot.", "The key of the car is in the garage."),
    ("The code of the gate is 1234.", "The code of the safe is 4321."),
    ("My wife is called Anna.", "My wife is allergic to nuts."),
    ("My wife is called Anna.", "My mother is called Ruth."),
    ("I work for Siemens.", "I work at night."),
    ("I have a dog called Rex.", "I have a dog called Bello."),
    ("I like tea.", "I like coffee."),
    ("My wife is called Anna and is allergic to nuts.", "I have a wife called Hanna."),
    ("Mein Sohn heißt Tim.", "Mein Sohn heißt Ben."),
    ("Ich bin gegen Nüsse allergisch.", "Ich bin auch gegen Katzen allergisch."),
    ("Ich wohne in Bonn.", "Ich wohne im dritten Stock."),
    ("Meine Frau heißt Anna.", "Meine Mutter heißt Ruth."),
]


@pytest.mark.parametrize(("old", "new"), REPLACED)
def test_the_newest_takes_the_place_of_what_was_true_before(old: str, new: str) -> None:
    assert Replacement(new, STEMMER, correcting=False).takes_place_of(old)


@pytest.mark.parametrize(("old", "new"), KEPT)
@pytest.mark.parametrize("turned", [False, True])
def test_different_facts_stay_beside_each_other(old: str, new: str, turned: bool) -> None:
    earlier, later = (new, old) if turned else (old, new)
    assert not Replacement(later, STEMMER, correcting=False).takes_place_of(earlier)


def test_a_correction_needs_no_word_for_the_change() -> None:
    old, new = "I work for Siemens.", "I work for Bosch."
    assert not Replacement(new, STEMMER, correcting=False).takes_place_of(old)
    assert Replacement(new, STEMMER, correcting=True).takes_place_of(old)


def test_what_says_more_than_one_thing_is_not_replaced() -> None:
    replacement = Replacement("My wife's name is Hanna.", STEMMER, correcting=True)
    assert replacement.takes_place_of("My wife is called Anna.")
    assert not replacement.takes_place_of("My wife is called Anna and is allergic to nuts.")
