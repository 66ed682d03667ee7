"""Webhooks by their pages: a coordinator adds one, tries it, sees what it took, without scripts."""

import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape

import pytest
import signing
from backbone import until
from essaim.clock import SimulatedClock
from essaim.ids import new_id
from essaim.person import Person, Role, RoleHeld
from essaim.running.runtime import Runtime
from essaim.web.app import build_app
from fastapi.testclient import TestClient
from notifications import store
from notifications.commands import webhook as webhooks
from notifications.commands.message import REAL_TIME
from notifications.settings import NotificationsSettings
from notifications.webhook import DisableReason

from tests.notifications.correspondence import Programme
from tests.notifications.receiver import RECEIVED, Office, answer, delivering, receiving

# The queries behind the pages run on both databases where deliveries are.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

Post = Callable[..., str]
HOOKS = "/notifications/webhooks"


@pytest.fixture
def settings(settings: NotificationsSettings) -> NotificationsSettings:
    return settings.model_copy(update={"webhook_networks": "127.0.0.0/8"})


@pytest.fixture
def office(runtime: Runtime, clock: SimulatedClock) -> Office:
    office = Office(runtime, clock)
    office.passes()
    return office


@pytest.fixture
def browser(runtime: Runtime, programme: Programme) -> TestClient:
    """Camille's, who coordinates Prémices."""
    browser = TestClient(build_app([runtime]), base_url="http://127.0.0.1:8000")
    camille = Person(new_id(), "Camille", roles=(RoleHeld(Role.COORDINATOR, "premices"),))
    programme.learns(camille)
    signing.sign_in(browser, camille.id)
    return browser


@pytest.fixture
def post(browser: TestClient) -> Post:
    """`post(page, action, **answers)` sends the form of a page, and gives the page that answers."""

    def send(page: str, action: str, **answers: object) -> str:
        forms = re.findall(rf'<form[^>]*action="{action}".*?</form>', page, re.DOTALL)
        hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', forms[0]))
        return text_of(browser.post(action, data=hidden | answers).text)

    return send


def text_of(html: str) -> str:
    return unescape(html).replace("\u00a0", " ").replace("\u202f", " ")


async def test_a_coordinator_adds_a_webhook_tries_it_and_sees_the_answer(
    office: Office, browser: TestClient, post: Post
) -> None:
    async with receiving() as receiver, delivering(office.runtime):
        receiver.answers = [answer(200, "merci <b>bien</b>")]
        assert "Aucun logiciel n’est encore prévenu" in text_of(browser.get(HOOKS).text)
        form = browser.get(f"{HOOKS}/new").text
        typed = {"name": "Carte", "url": receiver.url, "programme": "premices"}
        shown = post(form, HOOKS, **typed, told="chosen", types=RECEIVED)
        (secret,) = re.findall(r"whsec_[\w+/=]+", shown)
        (id,) = set(re.findall(rf"{HOOKS}/([0-9a-f-]{{36}})", shown))

        page = browser.get(f"{HOOKS}/{id}").text
        assert secret not in page
        assert "candidature reçue" in text_of(page)
        post(page, f"{HOOKS}/{id}/test")
        await until(lambda: office.states() == ["delivered"])

    assert receiver.posted[0].read_with(secret)["type"] == "webhook.test"
    (test,) = office.deliveries()
    seen = browser.get(f"{HOOKS}/{id}/deliveries/{test.id}").text
    assert "merci &lt;b&gt;bien&lt;/b&gt;" in seen
    assert "code 200" in text_of(seen)
    assert text_of(browser.get(HOOKS).text).count("Carte") == 1


def test_what_is_wrong_is_said_beside_what_was_typed(
    office: Office, browser: TestClient, post: Post
) -> None:
    form = browser.get(f"{HOOKS}/new").text
    typed = {"name": "Chez moi", "programme": "premices", "told": "chosen", "types": [RECEIVED]}

    again = post(form, HOOKS, **typed, url="https://192.168.0.12/hook")
    del typed["types"]
    none = post(form, HOOKS, **typed, url="http://127.0.0.1:8080/")

    assert "« 192.168.0.12 » mène à une adresse d’un réseau privé" in again
    assert 'value="Chez moi"' in again
    assert re.search(rf'value="{RECEIVED}" checked', again)
    assert "Choisissez au moins un fait" in none


async def test_chosen_deliveries_and_those_since_a_date_leave_again(
    office: Office, browser: TestClient, post: Post
) -> None:
    async with receiving() as receiver, delivering(office.runtime):
        made = office.add(receiver.url)
        office.passes()
        await until(lambda: office.states() == ["delivered"])
        page = browser.get(f"{HOOKS}/{made.id}").text
        (row,) = office.deliveries()

        chosen = post(page, f"{HOOKS}/{made.id}/retry", deliveries=str(row.id))
        nothing = post(page, f"{HOOKS}/{made.id}/retry")
        await until(lambda: len(receiver.posted) == 2)
        day = (office.clock.now() - timedelta(days=1)).date().isoformat()
        replayed = post(page, f"{HOOKS}/{made.id}/replay", since=day)
        await until(lambda: len(receiver.posted) == 3)

    assert "Les envois choisis repartent" in chosen
    assert "Cochez d’abord" in nothing
    assert "Envois qui repartent : 1." in replayed
    assert receiver.ids[0] == receiver.ids[1] != receiver.ids[2]


def test_a_webhook_that_was_disabled_says_why_and_can_be_enabled(
    office: Office, browser: TestClient, post: Post
) -> None:
    made = office.add("http://127.0.0.1:8080/")
    failing = {"failing_since": REAL_TIME.now()}
    with office.runtime.work() as work:
        store.webhook.update(work.db, made.id, **failing)
    in_trouble = text_of(browser.get(f"{HOOKS}/{made.id}").text)
    office.does(webhooks.disable, made.id, DisableReason.FAILING)
    disabled = browser.get(f"{HOOKS}/{made.id}").text
    noticed = text_of(browser.get("/notifications/").text)

    enabled = post(disabled, f"{HOOKS}/{made.id}/enable")

    assert "Rien n’y est reçu depuis le" in in_trouble
    assert "Rien n’y a été reçu pendant trois jours" in text_of(disabled)
    assert "Carte : Rien n’y a été reçu pendant trois jours." in noticed
    assert "Envoyer un essai" in enabled
    assert "trois jours" not in text_of(browser.get("/notifications/").text)


def test_a_secret_is_replaced_and_a_webhook_deleted_after_a_question(
    office: Office, browser: TestClient, post: Post
) -> None:
    made = office.add("http://127.0.0.1:8080/")
    page = browser.get(f"{HOOKS}/{made.id}/rotate").text
    shown = post(page, f"{HOOKS}/{made.id}/rotate", overlap_hours="24")
    question = browser.get(f"{HOOKS}/{made.id}/delete").text
    gone = post(question, f"{HOOKS}/{made.id}/delete")

    assert made.secret not in shown
    assert "whsec_" in shown
    assert "Supprimer le webhook « Carte » ?" in text_of(question)
    assert "Le webhook est supprimé" in gone
    assert browser.get(f"{HOOKS}/{made.id}").status_code == 404


def test_the_pages_are_in_english_too(
    office: Office, browser: TestClient, programme: Programme
) -> None:
    made = office.add("http://127.0.0.1:8080/")
    office.passes()
    role = RoleHeld(Role.COORDINATOR, "premices")
    jane = Person(new_id(), "Jane", language="en", roles=(role,))
    programme.learns(jane)
    signing.sign_in(browser, jane.id)

    page = browser.get(f"{HOOKS}/{made.id}", headers={"Accept-Language": "en"}).text

    assert "Send a test" in page
    assert "Application received" in page
