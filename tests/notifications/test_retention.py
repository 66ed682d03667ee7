"""How long the text of a message is kept."""

from collections import Counter
from datetime import timedelta

from essaim.retention.forgetting import forget_due
from essaim.running.runtime import Runtime
from essaim_contracts.retention import RetentionChanged, SuspensionReason
from notifications.commands.retention import RULES
from notifications.worker import fill_mailbox

from tests.notifications.correspondence import EDITION, Programme, pairing, partner
from tests.notifications.test_erasure import everything_kept


def forget(runtime: Runtime) -> Counter[str]:
    with runtime.work() as work:
        return forget_due(work, RULES, {}, only_announced=False)


def test_the_text_of_a_message_goes_after_two_years_and_that_it_was_sent_stays(
    programme: Programme, runtime: Runtime
) -> None:
    ada = programme.knows("Canari Perdu", "canari@exemple.fr")
    noe = programme.knows("Noé", "noe@exemple.fr")
    project = programme.project(ada.id)
    programme.cohort(project)
    brewery = partner("Brasserie")
    programme.hears(brewery, pairing(project, brewery.organisation_id, noe.id))
    fill_mailbox(runtime)
    sent = programme.states()
    assert "Canari Perdu" in everything_kept(runtime)
    start = programme.clock.now()
    programme.runtime.set_clock(start + timedelta(days=700))
    assert forget(runtime) == {}

    programme.runtime.set_clock(start + timedelta(days=732))
    assert forget(runtime) == {"letters": len(sent)}

    assert "Canari Perdu" not in everything_kept(runtime)
    assert programme.states() == sent
    assert forget(runtime) == {}


def test_a_suspended_edition_keeps_the_messages_of_its_programme(
    programme: Programme, runtime: Runtime
) -> None:
    ada = programme.knows("Canari Perdu", "canari@exemple.fr")
    programme.application(ada.id)
    fill_mailbox(runtime)
    suspended = RetentionChanged(
        edition_id=EDITION,
        suspended_for=SuspensionReason.AUDIT,
    )
    programme.hears(suspended)
    programme.runtime.set_clock(programme.clock.now() + timedelta(days=800))

    assert forget(runtime) == {}
