"""A file enters persons and gives the roles of its programme; it gets hold of nobody."""

from datetime import date

import pytest
from candidatures import commands, store
from candidatures.commands.programme import import_programme
from candidatures.person import keeps_an_operator
from candidatures.programme_file import read_programme
from essaim.ids import new_id, stable_id
from essaim.people import directory
from essaim.person import Person, Role, RoleHeld
from essaim.running.runtime import Runtime
from essaim.text.file_errors import FileError, WrongFile

from tests.candidatures.premices import PROGRAMME, a_person, line_of

OTHER = """\
format: essaim-programme/1
programme: {slug: autre, name: Autre, steward: elle}
organisations:
  - {code: elle, name: Elle, commitments: [steward]}
people:
  - {code: b, name: Bérénice (fictive), email: b@example.org, roles: [{role: coordinator}]}
  - {code: v, name: Oriane (fictive), email: OPS@example.org, roles: [{role: speaker}]}
  - {code: w, name: Wanda (fictive), email: w@example.org, phone: "04", roles: [{role: speaker}]}
"""


OUT = "ops@example.org, roles: []"


@pytest.fixture
def berenice(premices: Runtime) -> Person:
    """She coordinates another programme, to which she adopted the operator of all."""
    with premices.work() as work:
        import_programme(work, read_programme(OTHER))
        return commands.person.get(work, stable_id("autre", "person", "b"))


def bring_in(runtime: Runtime, text: str, importer: Person | None) -> None:
    with runtime.work() as work:
        import_programme(work, read_programme(text), importer=importer)


def errors_of(runtime: Runtime, text: str, importer: Person | None) -> list[FileError]:
    with pytest.raises(WrongFile) as wrong:
        bring_in(runtime, text, importer)
    return list(wrong.value.errors)


def everybody(runtime: Runtime) -> list[Person]:
    with runtime.read() as db:
        return directory.all_people(db)


@pytest.mark.parametrize(
    ("before", "after", "field"),
    [
        ("OPS@example.org", "evil@example.org", "email"),
        ("name: Oriane (fictive)", "name: Évariste (fictif)", "name"),
        ("email: OPS@example.org", "email: OPS@example.org, phone: 06 00", "phone"),
        ("email: OPS@example.org", "email: OPS@example.org, language: en", "language"),
        (", email: OPS@example.org", "", "email"),
    ],
)
@pytest.mark.parametrize("asked_by", ["a coordinator", "an operator"])
def test_a_file_never_changes_who_somebody_of_another_programme_is(
    premices: Runtime, berenice: Person, before: str, after: str, field: str, asked_by: str
) -> None:
    importer = berenice if asked_by == "a coordinator" else None
    known, changed = everybody(premices), OTHER.replace(before, after)

    (error,) = errors_of(premices, changed, importer)

    assert (error.why.code, error.path) == ("identity_kept", f"people.1.{field}")
    assert error.line == line_of(changed, "code: v")
    assert everybody(premices) == known


def test_a_file_names_somebody_it_adopts_as_the_directory_does(premices: Runtime) -> None:
    wrong = OTHER.replace("Oriane (fictive)", "Quelqu’un")

    (error,) = errors_of(premices, wrong, None)

    assert (error.line, error.why.values["name"]) == (
        line_of(wrong, "Quelqu’un"),
        "Oriane (fictive)",
    )


def test_whom_another_programme_adopted_is_no_longer_changed_by_the_file_that_entered_her(
    premices: Runtime, berenice: Person
) -> None:
    changed = PROGRAMME.replace("code: basile", "code: basil").replace(
        "basile@example.org", "w@example.org"
    ).replace("Basile (fictif)", "Wanda (fictive)")  # fmt: skip
    bring_in(premices, changed, None)
    moved = OTHER.replace("w@example.org", "evil@example.org")

    assert [one.path for one in errors_of(premices, moved, berenice)] == ["people.2.email"]

    # Nor once that programme takes her role away: she had one.
    bring_in(premices, changed.replace("[{role: committee_member}]", "[]", 1), None)
    assert [one.path for one in errors_of(premices, moved, berenice)] == ["people.2.email"]


def test_a_file_still_changes_whom_it_entered_and_nobody_else_knows(
    premices: Runtime, berenice: Person
) -> None:
    bring_in(premices, OTHER.replace("w@example.org", "wanda@example.org"), berenice)

    with premices.read() as db:
        wanda = directory.find_person_by_email(db, "wanda@example.org")
    assert wanda is not None
    assert wanda.id == stable_id("autre", "person", "w")


def test_what_the_file_did_not_change_since_stays_as_the_person_has_it(
    premices: Runtime, berenice: Person
) -> None:
    wanda = stable_id("autre", "person", "w")
    with premices.work() as work:
        known = commands.person.get(work, wanda)
        work.share(Person(wanda, "Wanda W.", "hers@example.org", "05", "en", known.roles))
    last = 'phone: "04", roles: [{role: speaker}]'
    bring_in(premices, OTHER.replace(last, last.replace("speaker", "mentor")), berenice)

    with premices.read() as db:
        person = directory.find_person(db, wanda)
    assert person == Person(
        wanda, "Wanda W.", "hers@example.org", "05", "en", (RoleHeld(Role.MENTOR, "autre"),)
    )


def test_a_coordinator_takes_no_operators_role_away(premices: Runtime) -> None:
    speaker = PROGRAMME.replace("[{role: operator}]", "[{role: speaker}]")

    codes = {one.why.code for one in errors_of(premices, speaker, a_person(premices, "alix"))}

    assert "operator_role" in codes
    with premices.read() as db:
        oriane = directory.find_person_by_email(db, "ops@example.org")
    assert oriane is not None
    assert [held.role for held in oriane.roles] == [Role.OPERATOR]


@pytest.mark.parametrize("after", ["roles: []}", "roles: [{role: operator, until: 2019-10-31}]}"])
def test_no_file_takes_the_last_operator_away(premices: Runtime, after: str) -> None:
    without = PROGRAMME.replace("roles: [{role: operator}]}", after)

    (error,) = errors_of(premices, without, None)

    assert (error.why.code, error.line) == ("last_operator", line_of(PROGRAMME, "code: ops"))


def test_no_file_takes_an_operators_address_away(premices: Runtime) -> None:
    without = PROGRAMME.replace("email: ops@example.org, ", "")

    assert [one.why.code for one in errors_of(premices, without, None)] == ["identity_kept"]


def test_one_of_two_operators_may_go(premices: Runtime) -> None:
    second = "  - {code: zoe, name: Zoé, email: zoe@example.org, roles: [{role: operator}]}\n"
    both = PROGRAMME.replace("people:\n", "people:\n" + second, 1)
    bring_in(premices, both, None)
    bring_in(premices, both.replace("ops@example.org, roles: [{role: operator}]", OUT), None)

    with premices.read() as db:
        oriane = directory.find_person_by_email(db, "ops@example.org")
    assert oriane is not None
    assert oriane.roles == ()


def test_whoever_is_only_said_to_have_an_address_is_not_taken_for_its_owner(
    premices: Runtime,
) -> None:
    stranger = Person(new_id(), "Autre", "new@example.org", email_proved=False)
    with premices.work() as work:
        work.share(stranger)
    bring_in(premices, OTHER.replace("w@example.org", "new@example.org"), None)

    with premices.read() as db:
        assert directory.find_person(db, stranger.id) == stranger
        found = directory.find_person_by_email(db, "new@example.org")
    assert found is not None
    assert found.id == stable_id("autre", "person", "w")


def test_who_operates_for_a_while_does_not_stand_in_for_the_last_one_for_good() -> None:
    def operator(
        name: str, until: date | None = None, email: str | None = "o@example.org"
    ) -> Person:
        role = RoleHeld(Role.OPERATOR, "premices", until=until)
        return Person(new_id(), name, email, roles=(role,))

    today = date(2020, 1, 1)
    for_good, mute = operator("Ana"), operator("Bob", email=None)
    for_a_while = operator("Eve", until=date(2020, 2, 1))

    assert not keeps_an_operator([for_good, for_a_while], [for_a_while], today)
    assert not keeps_an_operator([for_good, mute], [mute], today)
    assert not keeps_an_operator([for_a_while], [], today)
    assert keeps_an_operator([for_good, for_a_while], [for_good], today)
    assert keeps_an_operator([for_a_while], [for_a_while], today)
    assert keeps_an_operator([], [], today)


def test_two_writings_of_one_address_are_one_person(premices: Runtime, berenice: Person) -> None:
    accented = OTHER.replace("w@example.org", "w@café.example")
    bring_in(premices, accented, berenice)
    twice = accented.replace("b@example.org", "W@xn--caf-dma.example")
    adopted = PROGRAMME.replace("Jeanne (fictive)", "Wanda (fictive), email: w@xn--caf-dma.example")
    bring_in(premices, adopted.replace("code: jourlin, name", "code: w2, name").replace(
        "person: jourlin", "person: w2"), None)  # fmt: skip

    assert "code_twice" in {one.why.code for one in errors_of(premices, twice, berenice)}
    with premices.read() as db:
        rows = store.definition.rows_of(db, "premices")
    assert rows["person", "premices", "w2"]["person_id"] == stable_id("autre", "person", "w")
