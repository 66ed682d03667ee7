"""Pages a coordinator reads and prints: figures that open on facts, and files that agree."""

import csv
import io
import json
import re
from collections.abc import Callable
from html import unescape

import openpyxl
import pytest
import sqlalchemy as sa
from essaim.person import Role
from essaim.running.runtime import Runtime
from fastapi.testclient import TestClient

from tests.reporting.edition import a_small_edition
from tests.reporting.series import EDITION, named, plain

SignedIn = Callable[..., TestClient]
PAGE = f"/reporting/editions/{EDITION}"
LAST = len(a_small_edition().heard)

# What pages ask of the database is tested on both, beside what the API asks.
pytestmark = pytest.mark.parametrize("new_database", ["sqlite"], indirect=True)


@pytest.fixture
def coordinator(signed_in: SignedIn) -> TestClient:
    return signed_in(Role.COORDINATOR)


def read(client: TestClient, address: str) -> str:
    """The text of a page, without its tags."""
    answer = client.get(address)
    assert answer.status_code == 200, answer.text
    return plain(unescape(re.sub(r"<[^>]+>", " ", answer.text)))


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff")), delimiter=";"))


def test_the_home_page_lists_the_editions_with_their_main_figures(
    coordinator: TestClient,
) -> None:
    page = read(coordinator, "/reporting/")

    assert "Premices, édition 1 (2020)" in page
    assert "6 Candidatures reçues" in page
    assert "6 à 10 Emplois attendus" in page


def test_somebody_without_a_role_is_told_who_sees_editions(signed_in: SignedIn) -> None:
    assert "Aucune édition à montrer" in read(signed_in(), "/reporting/")


def test_every_figure_of_the_edition_page_opens_the_facts_that_make_it(
    coordinator: TestClient,
) -> None:
    page = coordinator.get(PAGE).text
    links = {unescape(link) for link in re.findall(rf'href="({PAGE}/evidence/[^"]+)"', page)}

    assert len(links) > 50
    for link in links:
        assert coordinator.get(link).status_code == 200, link


def test_the_edition_page_says_of_which_day_and_place_its_figures_are(
    coordinator: TestClient,
) -> None:
    now = read(coordinator, PAGE)
    then = read(coordinator, f"{PAGE}?as_of=2020-02-10")

    assert f"Chiffres connus à ce jour ; dernier fait : n° {LAST}." in now
    assert "Chiffres connus à la fin du 10 février 2020" in then
    assert "2 projets accompagnés, 5 à 9 emplois attendus" in then
    assert "trophée remis" in now
    assert "trophée remis" not in then


def test_sectors_and_departments_are_read_as_words_and_not_as_codes(
    coordinator: TestClient,
) -> None:
    for address in (PAGE, f"{PAGE}/evidence/applications.by_sector", f"{PAGE}/export.csv"):
        assert "Alimentation et cuisine" in read(coordinator, address)
    for address in (PAGE, f"/reporting/projects/{named('project', 'pain')}", f"{PAGE}/export.csv"):
        assert "Isère (38)" in read(coordinator, address)

    coordinator.cookies.set("essaim_language", "en")
    assert "Food and cooking" in read(coordinator, PAGE)


def test_links_of_a_past_day_stay_in_that_day(coordinator: TestClient) -> None:
    page = coordinator.get(f"{PAGE}?as_of=2020-02-10").text

    links = re.findall(rf'href="({PAGE}/(?:evidence|export)[^"]*)"', page)

    assert links
    assert all("as_of=2020-02-10" in link for link in links)


def test_an_impossible_day_gives_a_clear_page(coordinator: TestClient) -> None:
    answer = coordinator.get(f"{PAGE}?as_of=hier")

    assert answer.status_code == 422
    assert "« hier »" in plain(unescape(answer.text))


def test_the_evidence_page_tells_each_fact_in_words_and_holds_it_whole(
    coordinator: TestClient,
) -> None:
    page = read(coordinator, f"{PAGE}/evidence/applications.states?part=waiting_list")

    assert "Candidatures par issue : Sur liste d’attente" in page
    assert "Sur liste d’attente (toutes les places sont prises)" in page
    assert "Projet laine" in page
    assert '"decision": "waiting_list"' in page


def test_evidence_is_not_read_a_second_time_to_count_it(
    runtime: Runtime, coordinator: TestClient
) -> None:
    asked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        asked.append(statement)

    address = f"{PAGE}/evidence/applications.received"
    sa.event.listen(runtime.database.engine, "before_cursor_execute", note)
    whole, found = read(coordinator, address), read(coordinator, f"{address}?q=pain")
    sa.event.remove(runtime.database.engine, "before_cursor_execute", note)

    assert "(6)" in whole
    assert "(1)" in found
    assert not [statement for statement in asked if statement.startswith("SELECT count(*)")]


def test_evidence_is_filtered_sorted_and_exported_with_its_day(coordinator: TestClient) -> None:
    address = f"{PAGE}/evidence/applications.received"

    found = read(coordinator, f"{address}?q=laine")
    exported = rows_of(
        coordinator.get(f"{address}?sort=-seq&as_of=2020-01-31&format=csv").content.decode()
    )

    assert "Projet laine" in found
    assert "Projet miel" not in found
    assert exported[0]["Projet"] == "Projet eau"
    assert {row["Connus au"] for row in exported} == {"2020-01-31"}
    assert len(exported) == 6


def test_a_project_page_shows_its_partners_its_hours_and_its_time_line(
    coordinator: TestClient,
) -> None:
    page = read(coordinator, f"/reporting/projects/{named('project', 'pain')}")

    assert "Parrainage : SICADAE" in page
    assert "Mentorat 6 h 2 h 4 h 0 min" in page
    assert "4 à 6" in page
    assert "Trophée « Coup de cœur », avec =Chèque d’une valeur de 5 000 €." in page
    assert "2 h consommées (mentorat) avec UR SCOP AURA ; reste 4 h." in page


def test_a_project_that_was_not_selected_has_its_page_too(coordinator: TestClient) -> None:
    page = read(coordinator, f"/reporting/projects/{named('project', 'miel')}")

    assert "Refusée" in page
    assert "Aucun binôme n’a été formé." in page


def test_the_time_line_is_filtered_by_partner_and_exported(coordinator: TestClient) -> None:
    address = f"/reporting/projects/{named('project', 'pain')}?owner=notifications&format=csv"

    rows = rows_of(coordinator.get(address).content.decode())

    assert [plain(row["Ce qui s’est passé"]) for row in rows] == [
        "Message envoyé : Reçu de candidature."
    ]


def test_the_csv_the_workbook_and_the_json_hold_the_figures_of_the_page(
    coordinator: TestClient,
) -> None:
    as_of = "?as_of=2020-06-30"
    figures = coordinator.get(f"/reporting/api/editions/{EDITION}/figures{as_of}").json()
    expected = {item["indicator"]: item["value"] for item in figures["items"]}

    as_csv = rows_of(coordinator.get(f"{PAGE}/export.csv{as_of}").content.decode())
    as_json = json.loads(coordinator.get(f"{PAGE}/export.json{as_of}").content)
    book = openpyxl.load_workbook(io.BytesIO(coordinator.get(f"{PAGE}/export.xlsx{as_of}").content))

    assert {one["indicator"]: one["value"] for one in as_json["items"]} == expected
    assert as_json["as_of"] == "2020-06-30"
    totals = {row["Indicateur"]: row["Valeur"] for row in as_csv if not row["Part"]}
    assert totals["applications.received"] == str(expected["applications.received"])
    assert totals["hours.used"] == "2"
    assert totals["applications.selection_rate"] == "33,3"
    known = str(figures["stream_seq"])
    assert {(row["Connus au"], row["Dernier fait du flux"]) for row in as_csv} == {
        ("2020-06-30", known)
    }
    sheet = [[cell.value for cell in row] for row in book["Chiffres"].iter_rows(min_row=4)]
    in_book = {row[7]: row[3] for row in sheet[1:] if not row[2]}
    assert in_book.keys() == expected.keys()
    assert in_book["trophies.prizes_value"] == expected["trophies.prizes_value"] == 0
    assert plain(book["Chiffres"]["A2"].value) == (
        f"Chiffres connus à la fin du 30 juin 2020 ; dernier fait : n° {known}."
    )


def test_the_workbook_lists_what_the_figures_count_and_runs_no_formula(
    coordinator: TestClient,
) -> None:
    content = coordinator.get(f"{PAGE}/export.xlsx").content
    book = openpyxl.load_workbook(io.BytesIO(content))

    def column(title: str, head: str) -> list[object]:
        rows = list(book[title].iter_rows(values_only=True))
        place = rows[0].index(head)
        return [row[place] for row in rows[1:]]

    assert column("Candidatures", "Issue").count("Retenue") == 2
    assert column("Projets", "Projet") == ["Projet pain", "Projet vélo"]
    assert column("Projets", "Heures restantes") == [4, 6]
    assert column("Séances", "Titre") == ["Lancement", "Gouvernance"]
    assert "expert indépendant" in column("Partenaires", "Partenaire")
    assert column("Trophées", "Dotation") == ["=Chèque"]
    assert book["Trophées"]["C2"].data_type == "s"


def test_a_file_name_says_the_programme_the_year_and_the_day(coordinator: TestClient) -> None:
    header = coordinator.get(f"{PAGE}/export.csv?as_of=2020-06-30").headers["content-disposition"]

    assert header == 'attachment; filename="premices-2020-2020-06-30.csv"'


def test_figures_of_a_programme_are_closed_to_those_who_only_carry_a_project(
    signed_in: SignedIn,
) -> None:
    bearer = signed_in(Role.BEARER)

    assert bearer.get(PAGE).status_code == 403
    assert bearer.get(f"{PAGE}/export.xlsx").status_code == 403
    assert bearer.get(f"/reporting/projects/{named('project', 'pain')}").status_code == 403


def test_a_visitor_who_is_not_signed_in_is_sent_to_sign_in_and_back(
    signed_in: SignedIn,
) -> None:
    visitor = signed_in()
    del visitor.headers["Authorization"]

    answer = visitor.get(PAGE)

    assert answer.status_code == 303
    assert "/reporting/sign-in?next=" in answer.headers["location"]


def test_the_page_is_complete_in_english(coordinator: TestClient) -> None:
    coordinator.cookies.set("essaim_language", "en")

    page = read(coordinator, PAGE)

    assert "6 applications received, of which 2 selected" in page
    assert "Figures as known today" in page
    assert "Promotion et emplois" not in page
