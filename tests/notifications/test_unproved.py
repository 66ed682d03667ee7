"""An address that somebody only typed receives none of her words: it may be anybody's."""

from dataclasses import replace

import pytest
import sqlalchemy as sa
from essaim.ids import new_id
from essaim.person import Person
from essaim.running.runtime import Runtime
from essaim_contracts.questions import SendAddressLink, SendSignInLink
from notifications.answers import send_address_link, send_sign_in_link
from notifications.commands.message import write_for_known_people
from notifications.letters.text import write
from notifications.message import Template
from notifications.notice import SAMPLES
from notifications.store.mailbox import mailbox
from notifications.worker import fill_mailbox

from tests.notifications.correspondence import Programme

NAME, TITLE = "Gagnez 500 euros sur https://evil.example", "Cliquez https://evil.example/prix"
STRANGER = Person(new_id(), NAME, "victime@exemple.fr", email_proved=False)


def everything_sent(runtime: Runtime) -> str:
    fill_mailbox(runtime)
    with runtime.read() as db:
        rows = [row._mapping for row in db.execute(sa.select(mailbox))]
    assert rows
    return "\n".join(f"{dict(row)}" for row in rows)


@pytest.mark.parametrize("known", ["before", "after"])
def test_letters_about_an_application_hold_no_word_of_a_stranger(
    programme: Programme, runtime: Runtime, known: str
) -> None:
    if known == "before":
        programme.learns(STRANGER)
    application = programme.application(STRANGER.id, project_title=TITLE)
    programme.hears(programme.decided(application, "selected", "meets_criteria"))
    if known == "after":
        programme.learns(STRANGER)
        with runtime.work() as work:
            write_for_known_people(work)
    programme.releases()

    sent = everything_sent(runtime)
    assert "evil" not in sent
    assert application.number in sent
    assert "Bonjour à vous," in sent


def test_neither_does_the_letter_that_signs_in(programme: Programme, runtime: Runtime) -> None:
    programme.learns(STRANGER)
    asked = SendSignInLink(person_id=STRANGER.id, token="t" * 43, language="en")
    send_sign_in_link(asked, runtime)

    sent = everything_sent(runtime)
    assert "evil" not in sent
    assert "Dear reader," in sent


def test_once_it_is_proved_she_is_called_by_her_name(
    programme: Programme, runtime: Runtime
) -> None:
    programme.learns(replace(STRANGER, name="Ada", email_proved=True))
    programme.application(STRANGER.id, project_title="Le Fournil")

    sent = everything_sent(runtime)
    assert "Bonjour Ada," in sent
    assert "Le Fournil" in sent


@pytest.mark.parametrize("language", ["fr", "en"])
def test_no_letter_to_a_bearer_says_what_she_typed(language: str) -> None:
    for template, cases in SAMPLES.items():
        for details in cases.values():
            typed = {"project_title": TITLE, "project_titles": [TITLE]}
            said = details | {key: typed[key] for key in typed if key in details}
            text = write(Template(template), language, "", said)
            assert "evil" not in f"{text}", template


def test_a_cohort_is_welcomed_in_neutral_words(programme: Programme, runtime: Runtime) -> None:
    programme.learns(STRANGER)
    programme.cohort(programme.project(STRANGER.id, title=TITLE))

    assert "evil" not in everything_sent(runtime)


def test_the_link_that_confirms_an_address_goes_to_it_and_a_letter_to_the_present_one(
    programme: Programme, runtime: Runtime
) -> None:
    ada = programme.knows("Ada", "ada@exemple.fr")
    token = "a-secret-token-of-a-link"
    asked = SendAddressLink(
        person_id=ada.id, email="nouvelle@exemple.fr", token=token, language="fr"
    )
    send_address_link(asked, runtime)
    fill_mailbox(runtime)

    with runtime.read() as db:
        letters = {row.address: row for row in db.execute(sa.select(mailbox))}
    assert f"/candidatures/my-data/address/{token}" in letters["nouvelle@exemple.fr"].text
    assert "Ada" not in letters["nouvelle@exemple.fr"].text
    assert token not in letters["ada@exemple.fr"].text
    assert "/candidatures/my-data" in letters["ada@exemple.fr"].text
