"""The operator's page of who takes part: the same acts as the commands, once, and never a seed."""

import io
import re
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from essaim.broker.users import public_key_of
from essaim.consortium.partners import Consortium
from essaim.ids import new_id
from essaim.operating.acts import acts_in
from essaim.people import browsers, sign_ins
from essaim.person import Person, Role, RoleHeld
from essaim.running.embedded import Embedded, desk_in, keys_folder
from essaim.service import installed_services
from essaim.web import cookies
from small_edition import consortium_in
from waiting import PATIENCE

LIST = "/candidatures/admin/partners"
READER = {"organisation": "La Carte", "types": "essaim.scheduling.session.held.v1"}


@pytest.fixture(scope="module")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Embedded]:
    with consortium_in(tmp_path_factory.mktemp("consortium")) as embedded:
        yield embedded


def somebody(embedded: Embedded, role: Role) -> Person:
    return Person(new_id(), "Odile Réglage", roles=(RoleHeld(role, "network"),))


@pytest.fixture
def browser_of(embedded: Embedded) -> Iterator[Callable[[Person], httpx.Client]]:
    opened: list[httpx.Client] = []

    def browser_of(person: Person) -> httpx.Client:
        with embedded.runtimes["candidatures"].work() as work:
            work.share(person)
            begun = sign_ins.begin_browser(work.db, person.id, "test")
            secret = browsers.welcome(work.db, begun.signed_in, str(begun.id))
        browser = httpx.Client(
            base_url=embedded.address,
            headers={"Accept-Language": "fr"},
            cookies={cookies.SIGN_IN: str(secret), cookies.HINT: "1"},
            timeout=PATIENCE,
        )
        opened.append(browser)
        return browser

    yield browser_of
    for browser in opened:
        browser.close()


@pytest.fixture
def operator(embedded: Embedded, browser_of: Callable[[Person], httpx.Client]) -> httpx.Client:
    return browser_of(somebody(embedded, Role.OPERATOR))


def fields_of(page: str) -> dict[str, str]:
    """The hidden fields of the last form of a page, which is its own."""
    found = re.findall(r'name="(csrf_token|command_key)" value="([^"]+)"', page)
    return dict(found)


def press(browser: httpx.Client, address: str, **answers: str) -> httpx.Response:
    page = browser.get(address)
    assert page.status_code == 200, page.text
    return browser.post(address, data=fields_of(page.text) | answers)


def added(browser: httpx.Client, name: str) -> None:
    answer = press(browser, f"{LIST}/new/reader", name=name, **READER)
    assert answer.headers["location"] == f"{LIST}/{name}/folder", answer.text


def files_in(answer: httpx.Response) -> dict[str, str]:
    assert answer.headers["content-type"] == "application/zip", answer.text
    with zipfile.ZipFile(io.BytesIO(answer.content)) as folder:
        return {name: folder.read(name).decode() for name in folder.namelist()}


def written(data: Path) -> str:
    """Every text that lies in the folder, databases and logs too."""
    files = [path for path in data.rglob("*") if path.is_file()]
    return "".join(path.read_bytes().decode("latin-1") for path in files)


def test_who_is_added_gets_a_folder_once_and_its_seed_is_nowhere_else(
    embedded: Embedded, operator: httpx.Client
) -> None:
    added(operator, "carte")
    page = operator.get(f"{LIST}/carte/folder")
    sent = fields_of(page.text)
    answer = operator.post(f"{LIST}/carte/folder", data=sent)
    files = files_in(answer)
    assert answer.headers["cache-control"] == "no-store"
    assert 'filename="carte.zip"' in answer.headers["content-disposition"]
    seed = files["carte/carte.seed"].strip()
    (reader,) = (one for one in operating(embedded).readers if one.name == "carte")
    assert reader.key == public_key_of(seed)
    assert reader.reads == frozenset({READER["types"]})
    assert seed not in written(embedded.data)

    again = operator.post(f"{LIST}/carte/folder", data=sent)
    assert again.status_code == 409
    assert "le même envoi ne sert qu’une fois" in again.text
    assert next(one for one in operating(embedded).readers if one.name == "carte") == reader


def operating(embedded: Embedded) -> Consortium:
    return desk_in(embedded.data, installed_services()).consortium()


def test_the_same_form_sent_twice_adds_one(embedded: Embedded, operator: httpx.Client) -> None:
    address = f"{LIST}/new/reader"
    answers = fields_of(operator.get(address).text) | READER | {"name": "agenda"}
    for _ in range(2):
        assert operator.post(address, data=answers).headers["location"] == f"{LIST}/agenda/folder"
    assert [one.name for one in operating(embedded).readers].count("agenda") == 1


def test_a_revoked_one_is_refused_seen_so_and_gets_its_right_back_with_a_folder(
    embedded: Embedded, operator: httpx.Client
) -> None:
    added(operator, "site")
    asked = operator.get(f"{LIST}/site/revoke").text
    assert "Sa clé est refusée." in asked
    assert "Personne d’autre n’est coupé." in asked
    assert press(operator, f"{LIST}/site/revoke").headers["location"] == f"{LIST}/site"
    page = operator.get(f"{LIST}/site").text
    assert "Révoqué" in page
    assert page.count("par Odile Réglage") == 2
    refused = press(operator, f"{LIST}/site/revoke")
    assert "est révoqué depuis le" in refused.text

    files_in(press(operator, f"{LIST}/site/folder"))
    assert next(one for one in operating(embedded).readers if one.name == "site").revoked is None
    assert [act.what for act in acts_in(embedded.data / "nats") if act.name == "site"] == [
        "added", "revoked", "rotated",
    ]  # fmt: skip


def test_a_partner_with_a_service_of_its_own_joins(
    embedded: Embedded, operator: httpx.Client
) -> None:
    answer = press(
        operator,
        f"{LIST}/new/service",
        name="billing",
        organisation="Gestes & Comptes",
        title_fr="Factures",
        title_en="Invoices",
        purpose_fr="Facture les heures.",
        purpose_en="Invoices the hours.",
        says="essaim.billing.invoice.sent.v1",
        types="essaim.scheduling.hours.used.v1",
        programmes="premices, tremplin",
    )
    assert answer.headers["location"] == f"{LIST}/billing/folder", answer.text
    shown = operator.get(f"{LIST}/billing").text
    assert "Gestes &amp; Comptes" in shown
    assert "essaim.billing.invoice.sent.v1" in shown
    assert "Heures consommées" in shown
    assert "premices, tremplin" in shown
    files = files_in(press(operator, f"{LIST}/billing/folder"))
    assert "billing/docker-compose.yml" in files


@pytest.mark.parametrize(
    ("answers", "field"),
    [
        ({"name": "reporting"}, "name"),
        ({"name": "Carte"}, "name"),
        ({"name": "vide", "types": ""}, "types"),
        ({"name": "autre", "programmes": "Prémices"}, "programmes"),
        ({"name": "muette", "organisation": ""}, "organisation"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_changes_nothing(
    embedded: Embedded, operator: httpx.Client, answers: dict[str, str], field: str
) -> None:
    before = (embedded.data / "consortium.yaml").read_text()
    answer = press(operator, f"{LIST}/new/reader", **(READER | answers))
    assert answer.status_code == 422
    assert f'id="error-{field}"' in answer.text
    assert (embedded.data / "consortium.yaml").read_text() == before


def test_a_name_that_is_no_service_of_ours_asks_what_it_is_where_that_is_filled_in(
    operator: httpx.Client,
) -> None:
    answer = press(operator, f"{LIST}/new/service", name="danse", organisation="L’Aile")
    assert answer.status_code == 422
    assert 'id="error-title_fr"' in answer.text
    said = answer.text.replace("\N{NO-BREAK SPACE}", " ")
    assert "« danse » n’est pas un service d’ici (candidatures, " in said
    assert "<details open>" in answer.text


@pytest.mark.parametrize("role", [role for role in Role if role != Role.OPERATOR])
def test_nobody_but_an_operator_sees_or_changes_who_takes_part(
    embedded: Embedded, browser_of: Callable[[Person], httpx.Client], role: Role
) -> None:
    browser = browser_of(somebody(embedded, role))
    assert browser.get(LIST).status_code == 403
    token = fields_of(browser.get("/candidatures/").text)
    for address in ("new/reader", "scheduling/folder", "scheduling/revoke"):
        assert browser.post(f"{LIST}/{address}", data=token).status_code == 403


def test_the_page_says_what_the_broker_saw_of_each(operator: httpx.Client) -> None:
    page = operator.get(LIST).text
    assert page.count("Connecté") >= 4
    assert "tourne ici" in page
    assert operator.get(f"{LIST}/nobody").status_code == 404


def test_a_service_here_takes_its_new_key_by_itself(
    embedded: Embedded, operator: httpx.Client
) -> None:
    seed = keys_folder(embedded.data) / "reporting"
    former = seed.read_text()
    answer = press(operator, f"{LIST}/reporting/folder")
    assert answer.headers["location"] == f"{LIST}/reporting"
    assert seed.read_text() != former
