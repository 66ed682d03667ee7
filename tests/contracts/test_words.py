"""Everything the contracts can say has words in both languages, written as the house writes."""

import re
from enum import StrEnum

import essaim_contracts
import pytest
from essaim_contracts import all_facts, words
from essaim_contracts.candidatures import Decision
from essaim_contracts.scheduling import HourKind, ProjectStatus, SessionKind
from essaim_contracts.words import Words, words_of

OWNERS = {fact.owner for fact in all_facts()}
ENUMS = {
    thing
    for owner in OWNERS
    for thing in vars(getattr(essaim_contracts, owner)).values()
    if isinstance(thing, type) and issubclass(thing, StrEnum) and thing is not StrEnum
}
TABLES = {name: table for name, table in vars(words).items() if name.isupper() and name[0] != "_"}


@pytest.mark.parametrize("enum", sorted(ENUMS, key=str))
def test_every_member_of_an_enum_of_the_contracts_has_words(enum: type[StrEnum]) -> None:
    for member in enum:
        assert words_of(member).fr, member
        assert words_of(member).en, member


def test_every_fact_type_has_words() -> None:
    assert set(words.FACT_TYPES) == {fact.type for fact in all_facts()}


def test_several_attendees_have_words_for_each_role_of_one() -> None:
    assert list(words.ATTENDEES) == list(words.ATTENDEE_ROLES)


@pytest.mark.parametrize("name", TABLES)
def test_words_are_written_as_the_house_writes(name: str) -> None:
    for one in TABLES[name].values():
        for text in (one.fr, one.en):
            assert "'" not in text, f"{text}: the apostrophe is ’"
            assert text == " ".join(text.split())
            # Whoever needs a capital asks for the label; only a proper name has its own.
            assert text[0].islower() or text.startswith(("Scop", "Scic")), text
            assert not re.search(r"[.:;!?]$", text), text


@pytest.mark.parametrize("name", TABLES)
def test_two_values_of_one_table_are_told_apart(name: str) -> None:
    table = TABLES[name]

    assert len({one.fr for one in table.values()}) == len(table)
    assert len({one.en for one in table.values()}) == len(table)


def test_words_stand_in_a_sentence_or_by_themselves_in_either_language() -> None:
    launch = words_of(SessionKind.LAUNCH_DAY)

    assert launch.say("fr") == "journée de lancement"
    assert launch.label("fr") == "Journée de lancement"
    assert launch.say("en") == "launch day"
    assert launch.label("en") == "Launch day"
    assert launch.label("de") == "Journée de lancement"
    assert Words("état", "state").label("fr") == "État"
    scop = words_of(ProjectStatus.SCOP_OR_SCIC_IN_CREATION)
    assert scop.say("fr") == scop.label("fr") == "Scop ou Scic en création"


def test_a_code_as_it_stands_in_a_row_finds_its_words() -> None:
    assert words.DECISIONS["waiting_list"] == words_of(Decision.WAITING_LIST)
    assert words.HOUR_KINDS["legal"] == words_of(HourKind.LEGAL)
