"""What people see, and who may open the mailbox."""

import re
from collections.abc import Callable

import pytest
import signing
from essaim.ids import new_id
from essaim.person import Person, Role, RoleHeld
from essaim.running.runtime import Runtime
from essaim.web.app import build_app
from essaim_contracts.questions import SendSignInLink
from fastapi.testclient import TestClient
from notifications import store, worker
from notifications.answers import send_sign_in_link
from notifications.letters.preview import SAMPLES
from notifications.worker import fill_mailbox
from pydantic import SecretStr

from tests.notifications.correspondence import Programme

# The queries behind the pages run on both databases in test_api and test_queue.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

SignIn = Callable[[Role], Person]

TOKEN = "a-secret-token-of-a-link"


def browser_at(runtime: Runtime, client: str, host: str = "127.0.0.1:8000") -> TestClient:
    return TestClient(
        build_app([runtime]),
        base_url=f"http://{host}",
        follow_redirects=False,
        client=(client, 50000),
    )


@pytest.fixture
def browser(runtime: Runtime) -> TestClient:
    """A browser on the machine that keeps the mail."""
    return browser_at(runtime, "127.0.0.1")


@pytest.fixture
def sign_in(programme: Programme, browser: TestClient) -> SignIn:
    def signed_in(role: Role) -> Person:
        person = Person(new_id(), "Camille Roussel", roles=(RoleHeld(role, "premices"),))
        programme.learns(person)
        signing.sign_in(browser, person.id)
        return person

    return signed_in


def form_of(page: str, action: str) -> dict[str, str]:
    """The hidden fields of the form that posts to `action`."""
    (form,) = re.findall(rf'<form[^>]*action="{action}".*?</form>', page, re.DOTALL)
    return dict(re.findall(r'name="(\w+)" value="([^"]*)"', form))


def test_a_newcomer_finds_her_sign_in_link_in_the_mailbox(
    programme: Programme, runtime: Runtime, browser: TestClient
) -> None:
    ada = programme.knows("Maëlle Çelik", "maelle@exemple.fr")
    send_sign_in_link(SendSignInLink(person_id=ada.id, token=TOKEN, language="fr"), runtime)
    fill_mailbox(runtime)

    listed = browser.get("/notifications/mailbox")
    (address,) = re.findall(r'href="(/notifications/mailbox/[0-9a-f-]+)"', listed.text)
    letter = browser.get(address)

    assert "Maëlle Çelik" in listed.text
    assert "Ces messages n’ont pas quitté cette machine" in listed.text
    address = f"{runtime.settings.public_url}/candidatures/sign-in/{TOKEN}"
    assert f'href="{address}"' in letter.text


def test_the_latest_letter_lies_on_top_of_the_mailbox(
    programme: Programme, runtime: Runtime, browser: TestClient
) -> None:
    for name in ("ada", "bob", "zoe"):
        programme.application(programme.knows(name, f"{name}@exemple.fr").id)
        fill_mailbox(runtime)

    listed = browser.get("/notifications/mailbox").text

    assert re.findall(r"(ada|bob|zoe)@exemple.fr", listed) == ["zoe", "bob", "ada"]


def test_the_mailbox_is_searched(
    programme: Programme, runtime: Runtime, browser: TestClient
) -> None:
    for name in ("Ada", "Bob"):
        programme.application(programme.knows(name, f"{name.lower()}@exemple.fr").id)
    fill_mailbox(runtime)

    found = browser.get("/notifications/mailbox?q=bob@").text

    assert "bob@exemple.fr" in found
    assert "ada@exemple.fr" not in found


def test_a_mails_html_shows_itself_in_a_frame_and_can_do_nothing_else(
    programme: Programme, runtime: Runtime, browser: TestClient
) -> None:
    programme.application(programme.knows("Ada", "ada@exemple.fr").id)
    fill_mailbox(runtime)
    (message,) = programme.messages()

    shown = browser.get(f"/notifications/mailbox/{message.id}/html")

    assert "Bonjour Ada," in shown.text
    policy = shown.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "sandbox" in policy
    assert "allow-scripts" not in policy


def test_an_invitation_is_downloaded_as_a_calendar(
    programme: Programme, runtime: Runtime, browser: TestClient
) -> None:
    programme.session(programme.knows("Ada", "ada@exemple.fr").id)
    programme.application(programme.knows("Bob", "bob@exemple.fr").id)
    fill_mailbox(runtime)
    convocation, receipt = programme.messages()

    invitation = browser.get(f"/notifications/mailbox/{convocation.id}/invitation.ics")
    none = browser.get(f"/notifications/mailbox/{receipt.id}/invitation.ics")

    assert invitation.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert invitation.text.startswith("BEGIN:VCALENDAR")
    assert none.status_code == 404


@pytest.mark.parametrize("page", ["", "/{id}", "/{id}/html", "/{id}/invitation.ics"])
@pytest.mark.parametrize(
    ("client", "host"),
    [
        pytest.param("192.0.2.7", "127.0.0.1:8000", id="another machine"),
        pytest.param("192.0.2.7", "premices.example", id="another machine by its name"),
        pytest.param("127.0.0.1", "evil.example", id="a name that points here"),
    ],
)
def test_the_mailbox_opens_only_from_the_machine_that_keeps_it(
    programme: Programme, runtime: Runtime, page: str, client: str, host: str
) -> None:
    programme.session(programme.knows("Ada", "ada@exemple.fr").id)
    fill_mailbox(runtime)
    (message,) = programme.messages()
    address = f"/notifications/mailbox{page}".format(id=message.id)

    refused = browser_at(runtime, client, host).get(address)

    assert refused.status_code == 403
    assert "Ada" not in refused.text


def test_the_mailbox_is_closed_where_people_reach_us_by_another_address(runtime: Runtime) -> None:
    """A proxy of this machine may bring them without saying so, under our own name."""
    elsewhere = runtime.settings.model_copy(update={"public_url": "https://premices.example"})
    runtime.settings = elsewhere

    answer = browser_at(runtime, "127.0.0.1", "127.0.0.1:8000").get("/notifications/mailbox")

    assert answer.status_code == 403


def test_the_mailbox_may_be_opened_to_others_for_a_demonstration(runtime: Runtime) -> None:
    runtime.settings = runtime.settings.model_copy(update={"open_mailbox": True})

    answer = browser_at(runtime, "192.0.2.7").get("/notifications/mailbox")

    assert answer.status_code == 200


def test_with_a_mail_server_there_is_no_mailbox(runtime: Runtime, browser: TestClient) -> None:
    smtp = SecretStr("smtp://mail.example")
    runtime.settings = runtime.settings.model_copy(update={"smtp_url": smtp})

    assert browser.get("/notifications/mailbox").status_code == 404


def test_the_home_page_counts_for_everybody_and_names_nobody(
    programme: Programme, browser: TestClient
) -> None:
    programme.application(programme.knows("Ada Çelik", "ada@exemple.fr").id)

    page = browser.get("/notifications/")

    assert page.status_code == 200
    assert "Ada Çelik" not in page.text
    assert "réservée à la coordination" in page.text


def test_a_coordinator_sees_what_failed_and_what_to_do(
    programme: Programme, browser: TestClient, sign_in: SignIn, runtime: Runtime
) -> None:
    sign_in(Role.COORDINATOR)
    programme.application(programme.knows("Ada Çelik", "ada@exemple.fr").id)
    (message,) = programme.messages()
    with runtime.work() as work:
        store.message.update(work.db, message.id, state="failed", reason="refused_by_server")

    page = browser.get("/notifications/").text
    assert "Ada Çelik" in page
    assert "téléphonez à la personne" in page

    retry = f"/notifications/messages/{message.id}/retry"
    answer = browser.post(retry, data=form_of(page, retry))
    assert answer.status_code == 303
    programme.later(seconds=1)
    assert programme.states() == [("application-received", "queued")]


def test_a_coordinator_takes_a_message_back_and_is_told_so(
    programme: Programme, browser: TestClient, sign_in: SignIn
) -> None:
    sign_in(Role.COORDINATOR)
    programme.application(programme.knows("Ada", "ada@exemple.fr").id)
    (message,) = programme.messages()
    page = browser.get(f"/notifications/messages/{message.id}").text
    cancel = f"/notifications/messages/{message.id}/cancel"

    answer = browser.post(cancel, data=form_of(page, cancel))
    after = browser.get(answer.headers["location"]).text

    assert programme.states() == [("application-received", "cancelled")]
    assert "Le message ne partira pas." in after


def test_taking_back_a_message_that_left_meanwhile_is_refused_on_its_page(
    programme: Programme, browser: TestClient, sign_in: SignIn, runtime: Runtime
) -> None:
    sign_in(Role.COORDINATOR)
    programme.application(programme.knows("Ada", "ada@exemple.fr").id)
    (message,) = programme.messages()
    page = browser.get(f"/notifications/messages/{message.id}").text
    cancel = f"/notifications/messages/{message.id}/cancel"
    fill_mailbox(runtime)

    answer = browser.post(cancel, data=form_of(page, cancel))

    assert answer.status_code == 409
    assert "Ce message n’est plus en attente" in answer.text
    assert programme.states() == [("application-received", "sent")]


def test_the_list_is_exported_as_csv(
    programme: Programme, browser: TestClient, sign_in: SignIn
) -> None:
    sign_in(Role.COORDINATOR)
    programme.application(programme.knows("Ada Çelik", "ada@exemple.fr").id)

    exported = browser.get("/notifications/?format=csv")

    assert exported.headers["Content-Type"].startswith("text/csv")
    assert "Ada Çelik" in exported.text
    assert "PREM-2020-042" in exported.text


def test_a_mail_server_in_trouble_is_shown_on_the_home_page(
    runtime: Runtime, browser: TestClient
) -> None:
    smtp = SecretStr("smtp://mail.example")
    runtime.settings = runtime.settings.model_copy(update={"smtp_url": smtp})
    worker._note_trouble(runtime, "SMTPConnectError: refused by secret-host")

    page = browser.get("/notifications/").text

    assert "Le serveur de courrier ne répond pas depuis" in page
    assert "secret-host" not in page


def test_templates_are_shown_in_both_languages(browser: TestClient, sign_in: SignIn) -> None:
    sign_in(Role.COORDINATOR)
    listed = browser.get("/notifications/templates").text
    links = re.findall(r'href="(/notifications/templates/[^"]+)"', listed)

    for link in links:
        assert browser.get(link.replace("&amp;", "&")).status_code == 200
    assert len(links) == 2 * sum(len(cases) for cases in SAMPLES.values())


@pytest.mark.parametrize("path", ["/templates", "/messages/{id}"])
def test_pages_of_the_coordination_ask_a_stranger_to_sign_in(
    browser: TestClient, path: str
) -> None:
    answer = browser.get("/notifications" + path.format(id=new_id()))

    assert answer.status_code == 303
    assert "/notifications/sign-in" in answer.headers["location"]
