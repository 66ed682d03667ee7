"""No letter leaves that somebody did not want to leave."""

import pytest
import signing
from essaim import Refusal
from essaim.ids import new_id
from essaim.person import Person, Role, RoleHeld
from essaim.running.runtime import Runtime
from essaim.text.languages import tongue_of
from essaim.web.app import build_app
from essaim_contracts import candidatures as c
from fastapi.testclient import TestClient
from notifications.answers import what_waits
from notifications.commands import outbox
from notifications.commands.delivery import claim
from notifications.commands.message import cancel, retry
from notifications.message import Message, Template
from notifications.outbox import revision

from tests.notifications.correspondence import Programme, body_of, subject_of
from tests.notifications.test_pages import browser_at, form_of

DECIDED = Template.APPLICATION_DECIDED
HELD, QUEUED, SENT = "held", "queued", "sent"


def bearer(programme: Programme, name: str = "Ada") -> Person:
    return programme.knows(name, f"{name.lower()}@exemple.fr")


def answered(
    programme: Programme, *names: str, decision: str = "selected"
) -> list[c.ApplicationReceived]:
    """Applications of whom the receipt has left, and whose answers are held."""
    sent = [programme.application(bearer(programme, name).id) for name in names]
    programme.mailbox()
    programme.hears(*[programme.decided(one, decision, "meets_criteria") for one in sent])
    return sent


def held(programme: Programme) -> list[Message]:
    return programme.messages(state=HELD)


@pytest.fixture
def browser(programme: Programme, runtime: Runtime) -> TestClient:
    """The browser of the coordinator of Prémices."""
    client = browser_at(runtime, "127.0.0.1")
    roles = (RoleHeld(Role.COORDINATOR, "premices"),)
    person = Person(new_id(), "Camille Roussel", "camille@exemple.fr", roles=roles)
    programme.learns(person)
    signing.sign_in(client, person.id)
    return client


# ---- held, sent


def test_the_committees_answers_are_held_and_the_rest_leaves(programme: Programme) -> None:
    answered(programme, "Ada", "Bo")

    assert programme.mailbox() == []
    assert [one.occasion for one in held(programme)] == ["application-decided:selected"] * 2


def test_released_letters_leave_once_whoever_presses_twice(
    programme: Programme, runtime: Runtime
) -> None:
    answered(programme, "Ada", "Bo")
    ids = [one.id for one in held(programme)]

    with runtime.work() as work:
        released = outbox.release(work, ids)
    with pytest.raises(Refusal, match="ont changé"), runtime.work() as work:
        outbox.release(work, ids)

    assert (released.leaving, released.identical) == (2, 0)
    assert sorted(one.name for one in programme.mailbox()) == ["Ada", "Bo"]
    assert programme.mailbox() == []


def test_all_leave_or_none_does(programme: Programme, runtime: Runtime) -> None:
    answered(programme, "Ada", "Bo")
    first, second = (one.id for one in held(programme))
    with runtime.work() as work:
        outbox.discard(work, [first])

    with pytest.raises(Refusal), runtime.work() as work:
        outbox.release(work, [first, second])

    assert programme.mailbox() == []


def test_the_worker_takes_no_held_letter(programme: Programme, runtime: Runtime) -> None:
    answered(programme, "Ada")

    with runtime.work() as work:
        assert claim(work, 10) == []


def test_a_held_letter_waits_for_weeks_without_being_given_up(programme: Programme) -> None:
    answered(programme, "Ada")
    programme.hears(programme.decided(programme.application(new_id()), "refused", "places_filled"))

    programme.later(days=40)

    assert [one.state for one in programme.messages(template=DECIDED)] == [HELD, HELD]


def test_who_has_no_address_yet_is_written_to_once_it_is_known(
    programme: Programme, runtime: Runtime
) -> None:
    unknown = new_id()
    application = programme.application(unknown)
    programme.hears(programme.decided(application, "selected", "meets_criteria"))
    programme.releases()
    assert [one.template for one in programme.mailbox()] == []

    programme.learns(Person(unknown, "Ada", "ada@exemple.fr"))
    programme.later(seconds=1)

    assert {one.template for one in programme.mailbox()} == {"application-received", DECIDED}


def test_a_discarded_letter_never_leaves_and_can_be_put_back_to_be_read(
    programme: Programme, runtime: Runtime
) -> None:
    answered(programme, "Ada")
    (letter,) = held(programme)

    with runtime.work() as work:
        outbox.discard(work, [letter.id])
    assert programme.mailbox() == []
    assert programme.told()[1:] == [], "nothing is said of it, beside the receipt"
    with runtime.work() as work:
        assert retry(work, letter.id) == HELD


# ---- what a programme chose


def test_a_programme_chooses_what_is_held_and_what_leaves(
    programme: Programme, runtime: Runtime
) -> None:
    with runtime.work() as work:
        outbox.choose(work, "premices", DECIDED, held=False)
        outbox.choose(work, "premices", Template.APPLICATION_RECEIVED, held=True)

    answered(programme, "Ada")

    assert programme.states() == [("application-received", HELD), ("application-decided", QUEUED)]


@pytest.mark.parametrize("template", [Template.SIGN_IN_LINK, Template.SESSION_REMINDER_1_DAY])
def test_what_somebody_waits_for_is_never_held(runtime: Runtime, template: Template) -> None:
    with pytest.raises(Refusal, match="part toujours aussitôt"), runtime.work() as work:
        outbox.choose(work, "premices", template, held=True)


def test_a_welcome_does_not_leave_before_the_answer_that_is_held(programme: Programme) -> None:
    (application,) = answered(programme, "Ada")

    programme.cohort(programme.project(application.bearer_id))
    assert programme.states(state=HELD) == [("application-decided", HELD), ("cohort-welcome", HELD)]

    programme.releases()
    assert [one.template for one in programme.mailbox()] == [DECIDED, "cohort-welcome"]


# ---- never two that contradict each other


def test_an_answer_undone_before_it_left_is_never_read(programme: Programme) -> None:
    (application,) = answered(programme, "Ada")

    programme.hears(programme.decided(application, "refused", "not_ess"))
    programme.releases()

    (letter,) = programme.mailbox()
    assert "n’a pas été retenu" in letter.text


def test_back_to_the_answer_that_left_nothing_more_is_said(programme: Programme) -> None:
    (application,) = answered(programme, "Ada")
    programme.releases()
    programme.mailbox()

    programme.hears(programme.decided(application, "refused", "not_ess"))
    programme.hears(programme.decided(application, "selected", "meets_criteria"))

    assert held(programme) == []


def test_an_answer_that_was_replaced_is_not_sent_again(
    programme: Programme, runtime: Runtime
) -> None:
    (application,) = answered(programme, "Ada")
    (first,) = held(programme)
    with runtime.work() as work:
        cancel(work, first.id)
    programme.hears(programme.decided(application, "refused", "not_ess"))

    with pytest.raises(Refusal, match="contredirait"), runtime.work() as work:
        retry(work, first.id)


def test_what_says_the_same_to_the_same_person_leaves_once(
    programme: Programme, runtime: Runtime
) -> None:
    ada, bo = bearer(programme, "Ada"), bearer(programme, "Bo")
    cohort = programme.cohort(programme.project(ada.id), programme.project(bo.id))
    with runtime.work() as work:
        outbox.choose(work, "premices", Template.COHORT_WELCOME, held=True)
    programme.mailbox()
    for _ in range(2):
        programme.hears(cohort)

    with runtime.work() as work:
        released = outbox.release(work, [one.id for one in held(programme)])

    assert (released.leaving, released.identical) == (2, 2)
    assert sorted(one.name for one in programme.mailbox()) == ["Ada", "Bo"]


# ---- edited, written anew


def test_an_edited_letter_leaves_as_it_was_edited(programme: Programme, runtime: Runtime) -> None:
    answered(programme, "Ada")
    (letter,) = held(programme)

    with runtime.work() as work:
        was = revision(letter.text)
        outbox.edit(work, letter.id, "Bonne\r\nBcc: x", "Bravo <b>Ada</b>\n\n\n– un", was=was)
    programme.releases()

    (sent,) = programme.mailbox()
    assert sent.subject == "Bonne Bcc: x"
    assert "Bravo <b>Ada</b>" in sent.text
    assert "Bravo &lt;b&gt;Ada&lt;/b&gt;" in sent.html


def test_a_text_changed_meanwhile_is_not_overwritten(
    programme: Programme, runtime: Runtime
) -> None:
    answered(programme, "Ada")
    (letter,) = held(programme)
    was = revision(letter.text)
    with runtime.work() as work:
        outbox.edit(work, letter.id, "La première", "Bravo", was=was)

    with pytest.raises(Refusal, match="a changé"), runtime.work() as work:
        outbox.edit(work, letter.id, "La seconde", "Bravo", was=was)

    (letter,) = held(programme)
    assert (letter.subject, letter.edited) == ("La première", True)


def test_nobody_writes_freely_to_an_address_that_is_not_proved(
    programme: Programme, runtime: Runtime
) -> None:
    stranger = Person(new_id(), "Ada", "ada@exemple.fr", email_proved=False)
    programme.learns(stranger)
    application = programme.application(stranger.id)
    programme.hears(programme.decided(application, "refused", "not_ess"))
    (letter,) = held(programme)

    with pytest.raises(Refusal, match="confirmé son adresse"), runtime.work() as work:
        outbox.edit(work, letter.id, "Achetez", "ici", was=revision(letter.text))


def test_written_anew_a_letter_has_the_words_of_its_template_and_of_today(
    programme: Programme, runtime: Runtime
) -> None:
    (application,) = answered(programme, "Ada")
    (letter,) = held(programme)
    with runtime.work() as work:
        outbox.edit(work, letter.id, "Autre chose", "Bravo", was=revision(letter.text))
    programme.learns(Person(application.bearer_id, "Ada Lovelace", "ada@exemple.fr", language="en"))

    with runtime.work() as work:
        outbox.rewrite(work, [letter.id])

    (letter,) = held(programme)
    assert "has been selected" in subject_of(letter)
    assert "Dear Ada Lovelace" in body_of(letter)
    assert not letter.edited


def test_who_is_erased_leaves_no_held_letter(programme: Programme) -> None:
    (application,) = answered(programme, "Ada")

    programme.hears(
        c.PersonErased(
            person_id=application.bearer_id,
            erased_at=programme.clock.now(),
        )
    )

    (letter,) = programme.messages(template=DECIDED)
    assert (letter.state, letter.body) == ("cancelled", None)


# ---- in pages and for programs


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_coordinator_reads_changes_and_sends_what_is_held(
    programme: Programme, browser: TestClient
) -> None:
    answered(programme, "Ada", "Bo")
    answered(programme, "Zoe", decision="refused")
    first = held(programme)[0]

    shown = browser.get("/notifications/outbox").text
    assert "3 retenus" in shown
    assert "Décision du comité\N{NO-BREAK SPACE}: retenue" in shown
    page = f"/notifications/messages/{first.id}"
    read = browser.get(page).text
    assert "Votre projet «" in read
    assert "has been selected" in read
    form = form_of(read, f"{page}/text") | {"subject": "Bravo", "body": "Venez."}
    assert browser.post(f"{page}/text", data=form).status_code == 303
    assert "modifié" in browser.get("/notifications/outbox").text

    choice = "occasion=application-decided%3Aselected&programme=premices"
    address = f"/notifications/outbox/send?{choice}"
    asked = browser.get(address).text
    assert "2 messages partiront. Les envoyer" in asked
    form = _hidden(asked, "confirmation")
    assert browser.post(address, data=form).status_code == 303
    browser.post(address, data=form)

    assert sorted(one.name for one in programme.mailbox()) == ["Ada", "Bo"]
    assert [one.occasion for one in held(programme)] == ["application-decided:refused"]


def _hidden(page: str, section: str) -> dict[str, str]:
    return form_of(
        page[page.index(f'id="{section}"') :].replace("<form ", '<form action="" ', 1), ""
    )


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_was_added_since_the_question_does_not_leave_with_the_answer(
    programme: Programme, browser: TestClient
) -> None:
    answered(programme, "Ada")
    address = "/notifications/outbox/send"
    form = _hidden(browser.get(address).text, "confirmation")
    answered(programme, "Bo")

    again = browser.post(address, data=form)

    assert again.status_code == 409
    assert "2 messages partiront" in again.text
    assert programme.mailbox() == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_an_occasion_that_is_empty_by_now_does_not_mean_everything(
    programme: Programme, browser: TestClient
) -> None:
    answered(programme, "Ada")

    for act in ("send", "discard", "rewrite"):
        asked = browser.get(f"/notifications/outbox/{act}?occasion=application-decided%3Arefused")
        assert asked.status_code == 303


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_letter_changed_since_it_was_read_is_shown_again_before_it_leaves(
    programme: Programme, runtime: Runtime, browser: TestClient
) -> None:
    answered(programme, "Ada")
    (letter,) = held(programme)
    page = f"/notifications/messages/{letter.id}"
    form = form_of(browser.get(page).text, f"{page}/send")
    with runtime.work() as work:
        outbox.edit(work, letter.id, "Autre", "chose", was=revision(letter.text))

    assert browser.post(f"{page}/send", data=form).status_code == 409

    form = form_of(browser.get(page).text, f"{page}/send")
    assert browser.post(f"{page}/send", data=form).status_code == 303
    assert [one.subject for one in programme.mailbox()] == ["Autre"]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_programs_send_by_occasion_and_never_everything_for_want_of_a_name(
    programme: Programme, runtime: Runtime
) -> None:
    answered(programme, "Ada", "Bo")
    person = Person(new_id(), "Camille", roles=(RoleHeld(Role.COORDINATOR, "premices"),))
    other = Person(new_id(), "Dana", roles=(RoleHeld(Role.COORDINATOR, "ailleurs"),))
    for one in (person, other):
        programme.learns(one)
    api = TestClient(build_app([runtime]), base_url="http://127.0.0.1/notifications/api/")
    mine, hers = (signing.bearer("notifications", one.id) for one in (person, other))
    (group,) = api.get("outbox", headers=mine).json()["items"]
    named = {"programme": group["programme"], "occasion": group["occasion"]}

    assert api.post("outbox/release", json={}, headers=mine).status_code == 422
    assert api.post("outbox/release", json=named, headers=hers).status_code == 409
    assert api.get("outbox", headers=hers).json()["items"] == []
    sent = api.post("outbox/release", json=named, headers=mine | {"Idempotency-Key": "1"})
    again = api.post("outbox/release", json=named, headers=mine | {"Idempotency-Key": "1"})

    assert sent.json() == again.json() == {"leaving": 2, "identical": 0}
    assert len(programme.mailbox()) == 2


def test_the_first_page_says_how_many_wait_to_be_read(
    programme: Programme, runtime: Runtime
) -> None:
    answered(programme, "Ada", "Bo")
    person = Person(new_id(), "Camille", roles=(RoleHeld(Role.COORDINATOR, "premices"),))

    with runtime.read() as db:
        tongue = tongue_of("notifications", "fr")
        waits = what_waits(db, person, programme.clock.now(), tongue)

    (one,) = waits.to_do
    assert one.text == "2 messages attendent d’être relus avant de partir"
    assert one.page == "/outbox"
