"""An erased person is forgotten."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from essaim.ids import new_id
from essaim.people.directory import erase_person
from essaim.person import Person
from essaim.running.runtime import Runtime
from essaim_contracts import candidatures as c
from essaim_contracts.erasure import ErasureAsker, ErasureChange, ErasureChanged
from notifications import store
from notifications.worker import fill_mailbox

from tests.notifications.correspondence import Programme, body_of, pairing, partner

WAITING, QUEUED, SENT = "waiting_for_person", "queued", "sent"


def everything_kept(runtime: Runtime) -> str:
    """All that the service's own tables hold, as text."""
    with runtime.read() as db:
        return "\n".join(
            str(tuple(row))
            for table in store.metadata.tables.values()
            for row in db.execute(sa.select(table))
        )


def test_an_erased_person_leaves_no_trace_but_the_count_of_her_messages(
    programme: Programme, runtime: Runtime
) -> None:
    ada = programme.knows("Canari Perdu", "canari@exemple.fr")
    noe = programme.knows("Noé", "noe@exemple.fr")
    programme.application(ada.id)
    project = programme.project(ada.id)
    programme.cohort(project)
    fill_mailbox(runtime)
    brewery = partner("Brasserie")
    programme.hears(brewery, pairing(project, brewery.organisation_id, noe.id))
    fill_mailbox(runtime)
    programme.session(ada.id)
    assert "Canari Perdu" in everything_kept(runtime)

    programme.hears(c.PersonErased(person_id=ada.id, erased_at=programme.clock.now()))

    kept = everything_kept(runtime)
    assert "Canari Perdu" not in kept
    assert "canari@" not in kept
    assert [state for _, state in programme.states(recipient_id=ada.id)] == [
        SENT, SENT, SENT, "cancelled",
    ]  # fmt: skip


def test_a_message_that_names_an_erased_person_is_written_again_without_her(
    programme: Programme,
) -> None:
    ada = programme.knows("Canari Perdu", "canari@exemple.fr")
    noe = programme.knows("Noé", "noe@exemple.fr")
    project = programme.project(ada.id)
    programme.cohort(project)
    brewery = partner("Brasserie")
    programme.hears(brewery, pairing(project, brewery.organisation_id, noe.id))

    programme.hears(c.PersonErased(person_id=ada.id, erased_at=programme.clock.now()))
    programme.later(seconds=1)

    (to_noe,) = programme.messages(recipient_id=noe.id)
    assert to_noe.state == QUEUED
    assert "Canari" not in body_of(to_noe)
    assert "Bonjour Noé," in body_of(to_noe)


def test_nothing_is_queued_any_more_for_an_erased_person(programme: Programme) -> None:
    ada = programme.knows("Ada", "ada@exemple.fr")
    planned = programme.session(ada.id)
    programme.hears(c.PersonErased(person_id=ada.id, erased_at=programme.clock.now()))
    programme.learns(ada)

    programme.hears(programme.moved(planned))
    programme.runtime.set_clock(planned.starts_at - timedelta(days=2))

    assert [row.state for row in programme.messages()] == ["cancelled"]


# ---- when somebody else asks it


def asked(
    programme: Programme, ada: Person, by: str = "operator", change: str = "asked"
) -> ErasureChanged:
    now = programme.clock.now()
    return ErasureChanged(
        person_id=ada.id,
        change=ErasureChange(change),
        by=ErasureAsker(by),
        changed_at=now,
        decided_from=now + timedelta(days=3) if change == "asked" else None,
    )


def done(programme: Programme, ada: Person, by_herself: bool | None = False) -> c.PersonErased:
    return c.PersonErased(
        person_id=ada.id, erased_at=programme.clock.now(), asked_by_herself=by_herself
    )


@pytest.mark.parametrize(
    ("by", "language", "said"),
    [
        ("operator", "fr", "Un opérateur du réseau a demandé le"),
        ("coordinator", "fr", "La coordination du programme Prémices.coop a demandé le"),
        ("operator", "en", "An operator of the network asked on"),
        ("coordinator", "en", "The coordination of the Prémices.coop programme asked on"),
    ],
)
def test_whose_erasure_others_ask_is_told_who_and_how_to_object_then_that_it_is_done(
    programme: Programme, by: str, language: str, said: str
) -> None:
    ada = programme.knows("Ada", "ada@exemple.fr", language)
    programme.call(programme_name="Prémices.coop")

    told = {"id": str(new_id()), "programme": "network" if by == "operator" else "premices"}
    programme.hears(asked(programme, ada, by), **told)
    programme.hears(asked(programme, ada, by), **told)
    (first,) = programme.mailbox()
    programme.hears(done(programme, ada))
    programme.hears(done(programme, ada))
    (last,) = programme.mailbox()

    assert said in " ".join(first.text.split())
    assert "/candidatures/my-data" in first.text
    assert first.address == "ada@exemple.fr"
    assert (last.template, last.language) == ("erasure-done", language)
    assert "/candidatures/privacy" in last.text
    assert (last.recipient_id, last.name, last.address) == (None, "", "")
    assert "Ada" not in last.subject + last.text + last.html


def test_the_last_letter_leaves_though_its_reader_is_forgotten_and_keeps_nothing(
    programme: Programme, runtime: Runtime
) -> None:
    ada = programme.knows("Canari Perdu", "canari@exemple.fr")

    programme.hears(done(programme, ada))
    with runtime.read() as db:
        (waiting,) = db.execute(sa.select(store.message.message)).all()
    (last,) = programme.mailbox()

    assert (waiting.to_address, waiting.recipient_id) == ("canari@exemple.fr", None)
    assert "Canari" not in f"{waiting}{last}"
    assert programme.messages() == []
    assert "canari" not in everything_kept(runtime).lower()


@pytest.mark.parametrize("by_herself", [True, None])
def test_who_asked_it_herself_or_whom_a_duration_ends_is_written_nothing(
    programme: Programme, by_herself: bool | None
) -> None:
    ada = programme.knows("Ada", "ada@exemple.fr")
    programme.hears(asked(programme, ada, "person"))
    programme.hears(done(programme, ada, by_herself))

    assert programme.messages() == []


def test_what_is_taken_back_before_it_was_told_is_not_told(programme: Programme) -> None:
    ada = programme.knows("Ada", "ada@exemple.fr")
    programme.hears(asked(programme, ada))
    programme.hears(asked(programme, ada, change="taken_back"))

    assert programme.states() == [("erasure-asked", "cancelled")]


@pytest.mark.parametrize(
    ("by", "told"),
    [("operator", ["erasure-asked", "erasure-taken-back"]), ("person", ["erasure-asked"])],
)
def test_what_others_take_back_is_told_to_who_was_told(
    programme: Programme, by: str, told: list[str]
) -> None:
    ada = programme.knows("Ada", "ada@exemple.fr")
    programme.hears(asked(programme, ada))
    programme.mailbox()
    programme.hears(asked(programme, ada, by, "taken_back"))
    programme.mailbox()

    assert programme.states() == [(template, SENT) for template in told]


def test_nobody_is_written_to_whom_the_directory_forgot_before(programme: Programme) -> None:
    ada = programme.knows("Ada", "ada@exemple.fr")
    with programme.runtime.work() as work:
        erase_person(work.db, ada.id, work.now)

    programme.hears(asked(programme, ada), done(programme, ada))

    assert programme.messages() == []
