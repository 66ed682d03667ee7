"""Somebody who coordinates writes to many: to whom, seen before, held first."""

import pytest
import signing
from essaim import Refusal
from essaim.ids import new_id
from essaim.person import Person, Role, RoleHeld
from essaim.running.runtime import Runtime
from fastapi.testclient import TestClient
from notifications import store
from notifications.commands import preference, writing
from notifications.commands.delivery import claim
from notifications.letters.letter import mime, parts
from notifications.settings import sender_of, unsubscribe_token
from notifications.writing import Audience, Standing, read_audience, read_said

from tests.notifications.correspondence import MailServer, Programme, body_of
from tests.notifications.test_outbox import answered, held
from tests.notifications.test_pages import browser_at, form_of

SAID = {
    "fr": read_said("fr", "La remise", "Venez.\n\n- le 19\n- à 18 h"),
    "en": read_said("en", "The ceremony", "Do come."),
}
COORDINATOR = Person(new_id(), "Camille", roles=(RoleHeld(Role.COORDINATOR, "premices"),))
GODPARENTS = read_audience("role:godparent")


def godparent(
    programme: Programme,
    name: str,
    *,
    has_email: bool = True,
    is_proved: bool = True,
    language: str = "fr",
    slug: str = "premices",
) -> Person:
    person = Person(
        new_id(),
        name,
        f"{new_id().hex}@exemple.fr" if has_email else None,
        language=language,
        roles=(RoleHeld(Role.GODPARENT, slug),),
        email_proved=is_proved,
    )
    programme.learns(person)
    return person


def write(runtime: Runtime, audience: Audience = GODPARENTS) -> int:
    with runtime.work() as work:
        _, chosen = writing.write_to(work, "premices", audience, SAID)
    return len(chosen.readers)


def test_a_letter_is_held_for_each_and_leaves_in_her_language(
    programme: Programme, runtime: Runtime
) -> None:
    godparent(programme, "Ada")
    godparent(programme, "Bo", language="en")

    assert write(runtime) == 2
    assert programme.mailbox() == []
    programme.releases()

    ada, bo = sorted(programme.mailbox(), key=lambda one: one.name)
    assert (ada.subject, bo.subject) == ("La remise", "The ceremony")
    assert "Bonjour Ada,\n\nVenez.\n\n– le 19\n– à 18 h\n\nBien cordialement" in ada.text.replace(
        "\N{NO-BREAK SPACE}", " "
    )


def test_who_is_not_written_to_is_named_with_why(programme: Programme, runtime: Runtime) -> None:
    godparent(programme, "Ada")
    godparent(programme, "Bo", has_email=False)
    godparent(programme, "Cyd", is_proved=False)
    off = godparent(programme, "Dan")
    with runtime.work() as work:
        preference.choose(work, off.id, "letters", wanted=False)

    with runtime.read() as db:
        chosen = writing.readers(db, "premices", GODPARENTS, programme.clock.now().date())

    assert [one.name for one in chosen.readers] == ["Ada"]
    assert {one.name: why for one, why in chosen.left_out} == {
        "Bo": "no_address",
        "Cyd": "not_proved",
        "Dan": "switched_off",
    }


def test_applicants_are_chosen_by_where_their_application_stands(
    programme: Programme, runtime: Runtime
) -> None:
    selected = answered(programme, "Ada")[0]
    (refused,) = answered(programme, "Bo", decision="refused")
    day = programme.clock.now().date()

    def chosen(call: object, standing: Standing) -> list[str]:
        audience = read_audience(f"call:{call}:{standing}")
        with runtime.read() as db:
            found = writing.readers(db, "premices", audience, day)
        return [one.name for one in found.readers]

    assert chosen(selected.call_id, Standing.SELECTED) == ["Ada"]
    assert chosen(selected.call_id, Standing.REFUSED) == []
    assert chosen(refused.call_id, Standing.RECEIVED) == ["Bo"]
    with runtime.read() as db:
        ada = selected.bearer_id
        assert store.writing.awaiting_answer(db, "premices", [ada]) == 1


def test_a_cohort_is_its_bearers_today(programme: Programme, runtime: Runtime) -> None:
    ada, bo = (programme.knows(name, f"{name}@exemple.fr") for name in ("Ada", "Bo"))
    cohort = programme.cohort(programme.project(ada.id), programme.project(bo.id))
    with runtime.work() as work:
        store.writing.drop_members(work.db, cohort.cohort_id, cohort.projects[1].project_id)

    assert write(runtime, read_audience(f"cohort:{cohort.cohort_id}")) == 1


def test_an_audience_of_another_programme_is_nobody(programme: Programme, runtime: Runtime) -> None:
    godparent(programme, "Ada", slug="ailleurs")

    with pytest.raises(Refusal, match="Personne de ce groupe"):
        write(runtime)


# ---- what somebody wants


def test_reminders_can_be_switched_off_and_convocations_cannot(
    programme: Programme, runtime: Runtime
) -> None:
    ada = programme.knows("Ada", "ada@exemple.fr")
    with runtime.work() as work:
        preference.choose(work, ada.id, "reminders", wanted=False)
    with pytest.raises(Refusal, match="viennent toujours"), runtime.work() as work:
        preference.choose(work, ada.id, "sessions", wanted=False)

    session = programme.session(ada.id)
    programme.later(days=(session.starts_at - programme.clock.now()).days - 5)

    assert programme.states() == [
        ("session-convocation", "queued"),
        ("session-reminder-7-days", "cancelled"),
    ]


def test_what_waits_does_not_leave_once_it_is_switched_off(
    programme: Programme, runtime: Runtime
) -> None:
    ada = godparent(programme, "Ada")
    write(runtime)
    with runtime.work() as work:
        preference.choose(work, ada.id, "letters", wanted=False)

    assert programme.states() == [("letter", "cancelled")]


async def test_a_letter_that_may_be_left_says_how_to_programs_and_to_people(
    programme: Programme, runtime: Runtime, mail_server: MailServer
) -> None:
    ada = godparent(programme, "Ada")
    write(runtime)
    with runtime.work() as work:
        writing.answer_to(work, "premices", "Contact@Premices.example")
    programme.releases()
    sender = sender_of(runtime)
    with runtime.work() as work:
        (letter,) = claim(work, 1)

    written = mime(letter, parts(letter, sender, programme.clock.now()), sender, work.now)

    token = unsubscribe_token(runtime, ada.id, "letters")
    address = f"{runtime.settings.public_url}/notifications/api/unsubscribe/{token}"
    assert written["List-Unsubscribe"] == f"<{address}>"
    assert written["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert written["Reply-To"] == "Contact@premices.example"
    (text, _html) = written.iter_parts()
    assert f"/notifications/unsubscribe/{token}" in text.get_content().replace("\n", "")


def test_what_always_comes_has_no_such_header(programme: Programme, runtime: Runtime) -> None:
    programme.application(programme.knows("Ada", "ada@exemple.fr").id)
    sender = sender_of(runtime)
    with runtime.work() as work:
        (letter,) = claim(work, 1)

    written = mime(letter, parts(letter, sender, programme.clock.now()), sender, work.now)

    assert written["List-Unsubscribe"] is None
    assert "unsubscribe" not in str(written)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_one_request_of_a_mail_program_is_enough_and_looking_changes_nothing(
    programme: Programme, runtime: Runtime
) -> None:
    ada = godparent(programme, "Ada")
    browser = browser_at(runtime, "192.0.2.7")
    token = unsubscribe_token(runtime, ada.id, "letters")
    page = f"/notifications/unsubscribe/{token}"

    assert browser.get(f"/notifications/api/unsubscribe/{token}").status_code == 303
    asked = browser.get(page)
    assert "Nouvelles du programme" in asked.text
    assert "Ada" not in asked.text
    with runtime.read() as db:
        assert store.preference.off(db, ada.id) == set()

    one_click = {"List-Unsubscribe": "One-Click"}
    left = browser.post(f"/notifications/api/unsubscribe/{token}", data=one_click)
    assert left.status_code == 204
    assert browser.post(f"/notifications/api/unsubscribe/{token[:-2]}xx").status_code == 404
    with runtime.read() as db:
        assert store.preference.off(db, ada.id) == {"letters"}
    form = form_of(asked.text, page)
    assert browser.post(page, data=form | {"wanted": "true"}).status_code == 200
    with runtime.read() as db:
        assert store.preference.off(db, ada.id) == set()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_everybody_chooses_for_herself_in_a_page(programme: Programme, runtime: Runtime) -> None:
    ada = godparent(programme, "Ada")
    browser: TestClient = browser_at(runtime, "127.0.0.1")
    signing.sign_in(browser, ada.id)
    page = "/notifications/preferences"

    shown = browser.get(page).text
    assert "Vous avez demandé une réponse" in shown
    form = form_of(shown[: shown.index("</form>", shown.index('value="letters"')) + 7], page)
    assert form["category"] == "letters"
    assert browser.post(page, data=form).status_code == 303
    with runtime.read() as db:
        assert store.preference.off(db, ada.id) == {"letters"}


# ---- in a page


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_coordinator_sees_who_and_what_before_a_letter_is_held(
    programme: Programme, runtime: Runtime
) -> None:
    godparent(programme, "Ada")
    godparent(programme, "Bo", has_email=False)
    programme.learns(COORDINATOR)
    browser: TestClient = browser_at(runtime, "127.0.0.1")
    signing.sign_in(browser, COORDINATOR.id)
    page = "/notifications/letters/premices"
    form = form_of(browser.get(page).text, page)

    refused = browser.post(page, data=form | {"audience": "role:godparent", "subject_fr": "Oui"})
    assert refused.status_code == 422
    assert 'value="Oui"' in refused.text
    typed = {"audience": "role:godparent", "subject_fr": "La remise", "body_fr": "Venez."}
    seen = browser.post(page, data=form | typed)
    assert "1 personne la recevra" in seen.text
    assert "l’annuaire n’a pas son adresse" in seen.text
    assert held(programme) == []
    godparent(programme, "Cyd")
    shown = form_of(seen.text, page) | typed | {"hold": "1"}
    stale = browser.post(page, data=shown)
    assert stale.status_code == 409
    again = form_of(browser.post(page, data=form | typed).text, page) | typed | {"hold": "1"}
    assert browser.post(page, data=again).status_code == 303
    browser.post(page, data=again)

    assert sorted(one.subject or "" for one in held(programme)) == ["La remise"] * 2
    assert "Lettre «\N{NO-BREAK SPACE}La remise" in browser.get("/notifications/outbox").text


def test_an_edited_text_says_what_it_says(programme: Programme, runtime: Runtime) -> None:
    godparent(programme, "Ada{{ 7 * 7 }}")
    write(runtime)

    (letter,) = held(programme)
    assert "Ada{{ 7 * 7 }}" in body_of(letter)
