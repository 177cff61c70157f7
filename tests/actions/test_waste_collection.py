"""Waste collections are found by kind, in whatever words a town's calendar has for them."""

from __future__ import annotations

import asyncio
import datetime as dt

import msgspec
import pytest

from pisovereign.actions.types import Completed
from pisovereign.actions.waste_collection import CollectionDays, WasteCollections
from pisovereign.connectors.waste.types import Collection
from pisovereign.languages import LANGUAGES
from tests.actions.support import BERLIN, CALLER, FakeWaste, service
from tests.parsing.support import NOW, command

TODAY = dt.datetime.now(BERLIN).date()


def on(days: int, title: str) -> Collection:
    day = dt.datetime.combine(TODAY + dt.timedelta(days), dt.time(), BERLIN)
    return Collection(title=title, start=day.astimezone(dt.UTC))


GERMAN = (
    on(1, "Restmüll 14-täglich"),
    on(1, "Bioabfall"),
    on(4, "Altpapier"),
    on(6, "Gelber Sack"),
)
ENGLISH = (on(2, "Refuse"), on(2, "Mixed recycling"), on(3, "Garden waste"), on(9, "Refuse"))
FRENCH = (on(1, "Ordures ménagères"), on(5, "Tri sélectif"), on(8, "Encombrants"))


def found(known: tuple[Collection, ...], **asked: object) -> CollectionDays:
    command = msgspec.convert(asked, WasteCollections)
    done = asyncio.run(service(waste=FakeWaste(*known)).run(CALLER, command))
    assert isinstance(done, Completed)
    assert isinstance(done.result, CollectionDays)
    return done.result


@pytest.mark.parametrize(
    ("known", "about", "titles"),
    [
        (GERMAN, "paper bin", ["Altpapier"]),
        (GERMAN, "Papiertonne", ["Altpapier"]),
        (GERMAN, "gelbe Sack", ["Gelber Sack"]),
        (GERMAN, "recycling", ["Gelber Sack"]),
        (GERMAN, "Restmüll", ["Restmüll 14-täglich"]),
        (GERMAN, "déchets ménagers", ["Restmüll 14-täglich"]),
        (GERMAN, "compost", ["Bioabfall"]),
        (ENGLISH, "trash", ["Refuse"]),
        (ENGLISH, "yellow bag", ["Mixed recycling"]),
        (ENGLISH, "Grünschnitt", ["Garden waste"]),
        (FRENCH, "poubelle jaune", ["Tri sélectif"]),
        (FRENCH, "Sperrmüll", ["Encombrants"]),
        ((on(3, "Blue bin"), on(4, "Green bin")), "green bin", ["Green bin"]),
    ],
)
def test_a_kind_is_found_by_the_words_of_any_language(
    known: tuple[Collection, ...], about: str, titles: list[str]
) -> None:
    assert [each.title for each in found(known, about=about).collections] == titles


@pytest.mark.parametrize("about", ["bins", "bin", "Müll", "Tonne", "poubelles", None])
def test_what_names_no_kind_is_the_next_day(about: str | None) -> None:
    asked = {} if about is None else {"about": about}
    titles = [each.title for each in found(GERMAN, **asked).collections]
    assert sorted(titles) == ["Bioabfall", "Restmüll 14-täglich"]


def test_the_trash_of_a_town_that_collects_nothing_apart_is_what_comes_next() -> None:
    town = (on(2, "Collection A"), on(5, "Collection B"))
    assert [each.title for each in found(town, about="trash").collections] == ["Collection A"]


def test_days_limit_what_is_found() -> None:
    start = dt.datetime.combine(TODAY + dt.timedelta(1), dt.time(9), BERLIN).isoformat()
    assert len(found(GERMAN, start=start, days=1).collections) == 2
    assert found(GERMAN, start=start, days=2, about="paper").collections == []
    assert len(found(GERMAN, days=7).collections) == 4


def test_what_there_is_instead_is_said() -> None:
    missing = found(GERMAN, about="glass")
    assert (missing.status, missing.collections) == ("not_found", [])
    assert [choice.id for choice in missing.choices] == sorted(each.title for each in GERMAN)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("known", [GERMAN, ()])
@pytest.mark.parametrize(
    "command",
    [
        WasteCollections(), WasteCollections(days=30), WasteCollections(about="glass"),
        WasteCollections(about="paper"), WasteCollections(about="paper", days=1),
    ],
)  # fmt: skip
def test_it_is_said_in_every_language(
    language: str, known: tuple[Collection, ...], command: WasteCollections
) -> None:
    actions = service(waste=FakeWaste(*known))
    done = asyncio.run(actions.run(CALLER._replace(language=language), command))
    assert isinstance(done, Completed)
    named = [each.title for each in known]
    assert any(title in done.text for title in named) == bool(known)


def test_that_one_kind_is_not_collected_says_nothing_of_the_others() -> None:
    actions = service(waste=FakeWaste(*GERMAN))
    done = asyncio.run(actions.run(CALLER, WasteCollections(about="paper", days=2)))
    assert isinstance(done, Completed)
    assert "paper" in done.text
    assert "Altpapier" in done.text
    assert "Nothing" not in done.text


@pytest.mark.parametrize(
    ("text", "about", "days_ahead", "days"),
    [
        ("when is the paper bin?", "paper bin", None, None),
        ("which bin goes out tomorrow?", None, 1, 1),
        ("do I need to put anything out tonight?", None, 1, 1),
        ("bin day?", "bin", None, None),
        ("Wann wird der Kehricht geholt?", "Kehricht", None, None),
        ("welche Tonne muss heute Abend raus", None, 1, 1),
        ("Hab ich die Biotonne verpasst?", "Biotonne", None, None),
        ("les éboueurs passent quand ?", "éboueurs", None, None),
        ("date du ramassage des sapins de noël", "sapins de noël", None, None),
    ],
)
def test_it_is_asked_for_in_words(
    text: str, about: str | None, days_ahead: int | None, days: int | None
) -> None:
    found = command(text)
    assert isinstance(found, WasteCollections)
    assert (found.about, found.days) == (about, days)
    if days_ahead is None:
        assert found.start is None
    else:
        assert found.start is not None
        assert (found.start.astimezone(BERLIN).date() - NOW.date()).days == days_ahead


@pytest.mark.parametrize(
    "text",
    [
        "remind me to take out the trash tonight", "add bin bags to the shopping list",
        "recycling is important, isn't it", "garbage collection in python",
        "Mülltrennung ist schon wichtig, oder?", "mein Glas ist kaputt",
        "le tri c'est important quand même, non ?", "rappelle-moi de sortir la poubelle ce soir",
    ],
)  # fmt: skip
def test_what_only_sounds_like_it_is_not(text: str) -> None:
    assert not isinstance(command(text), WasteCollections)
