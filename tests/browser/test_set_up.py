"""A programme that was not there is set up by clicks, up to the form that applicants will see."""

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from tests.browser.played import ODILE
from tests.browser.screen import DESKTOP, PHONE, Open, Screen

pytestmark = pytest.mark.browser


def save(screen: Screen, button: str) -> None:
    screen.page.get_by_role("button", name=button, exact=True).click()
    screen.page.wait_for_load_state("load")


def open_programme(screen: Screen, name: str) -> None:
    page = screen.goto("/candidatures/setup").page
    page.get_by_role("link", name="Nouveau programme").click()
    page.get_by_label("Nom du programme").fill(name)
    page.get_by_label("Organisation pilote").fill("La Ruche")
    page.get_by_label("Nom de la personne qui coordonne").fill("Zoé Exemple")
    page.get_by_label("Son adresse électronique").fill(f"{abs(hash(name))}@exemple.fr")
    save(screen, "Ouvrir le programme")


def make_call(screen: Screen, title: str) -> None:
    page = screen.page
    page.get_by_role("button", name="Préparer l’édition suivante").click()
    page.get_by_label("Année").fill("2031")
    page.get_by_role("button", name="Voir les dates").click()
    save(screen, "Créer l’édition 1, 2031")
    page.get_by_role("button", name="Ajouter un appel").click()
    page.get_by_label("Titre (obligatoire)").fill(title)
    page.get_by_label("Ouvre le").fill("2031-01-06T09:00")
    page.get_by_label("Ferme le").fill("2031-02-28T18:00")
    page.get_by_label("Parcours auquel l’appel mène").fill("essai")
    save(screen, "Ajouter un appel")


def ask(screen: Screen, question: str, *choices: str) -> None:
    page = screen.page
    page.get_by_role("button", name="Ajouter une question", exact=True).click()
    page.get_by_label("Question (obligatoire)").fill(question)
    if choices:
        page.get_by_label("Réponse attendue").select_option("Un choix parmi des réponses")
        for nth, choice in enumerate(choices):
            page.get_by_label("Intitulé", exact=True).nth(nth).fill(choice)
    else:
        page.get_by_label("Réponse attendue").select_option("Un texte court")
    save(screen, "Ajouter une question")


def shown_in_order(page: Page, *texts: str) -> bool:
    whole = page.inner_text("main")
    places = [whole.find(text) for text in texts]
    return places == sorted(places) and -1 not in places


@pytest.mark.parametrize(
    ("size", "scripted"), [(DESKTOP, True), (PHONE, True), (PHONE, False)], ids=str
)
def test_a_programme_is_set_up_up_to_its_form(
    opened: Open, size: ViewportSize, scripted: bool
) -> None:
    screen = opened(size, who=ODILE, java_script_enabled=scripted)
    name = f"Essai {size['width']} {scripted}"
    open_programme(screen, name)
    make_call(screen, f"Appel {name}")
    ask(screen, "Quel est votre métier ?")
    ask(screen, "Où serez-vous ?", "En ville", "À la campagne")
    page = screen.page
    page.get_by_role("button", name="Monter : Où serez-vous ?").click()
    expect(page.locator(".parts li").first).to_contain_text("Où serez-vous ?")
    page.get_by_role("link", name="Voir le formulaire comme qui candidate").click()
    page.wait_for_load_state("load")
    assert shown_in_order(page, "Où serez-vous ?", "À la campagne", "Quel est votre métier ?")
