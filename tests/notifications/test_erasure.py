"""An erased person is forgotten."""

from datetime import timedelta

import sqlalchemy as sa
from essaim.running.runtime import Runtime
from essaim_contracts import candidatures as c
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
