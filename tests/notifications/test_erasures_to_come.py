"""Who is warned before personal data goes, of what, and where to look."""

from datetime import date
from uuid import UUID

import pytest
from essaim import Person, Role, RoleHeld
from essaim.ids import new_id
from essaim_contracts.retention import (
    EndingData,
    RetentionAnnounced,
    RetentionAnnouncedByNotifications,
    RetentionAnnouncedByScheduling,
)

from tests.notifications.correspondence import Programme, body_of, subject_of

ENDS = date(2026, 12, 31)


def announced(
    by: type[RetentionAnnounced] = RetentionAnnouncedByScheduling, *, by_itself: bool = True
) -> RetentionAnnounced:
    attendance = EndingData(
        rule="attendance",
        what_fr="Convocations et émargements",
        what_en="Convocations and attendance",
        of="Prémices 2020",
        number=12,
        first_on=ENDS,
        last_on=ENDS,
    )
    return by(announcement_id=new_id(), ending=(attendance,), by_itself=by_itself, not_before=ENDS)


def somebody(
    programme: Programme, role: Role, where: str = "premices", email: str | None = "x@exemple.fr"
) -> UUID:
    held = RoleHeld(role, where, since=date(2019, 1, 1))
    person = Person(new_id(), "Ada", email, language="fr", roles=(held,))
    programme.learns(person)
    return person.id


def test_operators_and_who_coordinates_the_programme_are_warned(programme: Programme) -> None:
    warned = {somebody(programme, Role.OPERATOR, "alpages"), somebody(programme, Role.COORDINATOR)}
    somebody(programme, Role.COORDINATOR, "alpages")
    somebody(programme, Role.BEARER)
    somebody(programme, Role.OPERATOR, email=None)

    programme.hears(announced())

    letters = programme.messages(template="retention-announced")
    assert {one.recipient_id for one in letters} == warned
    assert "31 décembre 2026" in " ".join(subject_of(letters[0]).split())
    text = " ".join(body_of(letters[0]).split())
    assert "– Convocations et émargements (Prémices 2020) : 12, le" in text
    assert "essaim retention plan" in text
    assert list(letters[0].details["page"]) == ["scheduling", "retention"]


@pytest.mark.parametrize(("by_itself", "said"), [(True, "d’elles-mêmes"), (False, "sans vous")])
def test_a_warning_says_whether_it_goes_by_itself(
    programme: Programme, by_itself: bool, said: str
) -> None:
    somebody(programme, Role.OPERATOR)

    programme.hears(announced(RetentionAnnouncedByNotifications, by_itself=by_itself))

    (letter,) = programme.messages(template="retention-announced")
    assert said in body_of(letter)


def test_a_warning_heard_twice_is_one_letter(programme: Programme) -> None:
    somebody(programme, Role.OPERATOR)
    fact = announced()

    programme.hears(fact, id=(id := str(new_id())))
    programme.hears(fact, id=id)

    assert len(programme.messages(template="retention-announced")) == 1
