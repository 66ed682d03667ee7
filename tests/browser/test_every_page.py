"""Every page, on a phone and on a desktop: accessible, within its width, within its policy."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, ViewportSize, expect

from tests.browser.played import ALIX, CALL, ODILE, Played
from tests.browser.screen import PHONE, Open, Screen

pytestmark = pytest.mark.browser

_CALL = "/candidatures/setup/premices/part/editions/1/calls/premices-2020"
FOR_ALL = {
    "/": "Tremplin",
    "/integrators/": "Lire les faits",
    "/integrators/facts/essaim.scheduling.session.held.v1": "Séance tenue",
    "/candidatures/": "Candidatures",
    "call": "Appel Prémices 2020",
    CALL: "Appel Tremplin 2021",
    "/candidatures/programmes/tremplin": "Tremplin",
    f"{CALL}/apply": "Ma candidature",
    "/candidatures/sign-in": "Se connecter",
    "/candidatures/accessibility": "Accessibilité : non conforme (pas encore auditée)",
    "/candidatures/privacy": "Vos données personnelles",
    "/scheduling/privacy": "Vos données personnelles",
    "/candidatures/nowhere": "Page introuvable",
    "/notifications/": "Messages",
    "/notifications/mailbox": "Boîte aux lettres",
    "letter": "Convocation : Un projet inspirant, le jeudi 8 octobre 2020",
    "/scheduling/": "Se connecter",
    "/reporting/": "Se connecter",
}
FOR_COORDINATION = {
    "/": "Bonjour Alix (fictive)",
    "/candidatures/": "Candidatures",
    "/candidatures/selection": "Sélection",
    "/candidatures/cohorts": "Promotions et projets",
    "applications": "Candidatures",
    "application": "Le Fournil des Cimes",
    "ranking": "Classement",
    "decisions": "Décisions préparées",
    "who reads what": "Répartition des dossiers",
    "minutes": "Comptes rendus du comité",
    "meeting pack": "Dossier de séance",
    "waiting list": "Liste d’attente",
    "files of a cohort": "Dossiers de la promotion",
    "trophies": "Prix et trophées",
    "/candidatures/resources": "Ressources",
    "/candidatures/glossary": "Les mots du programme",
    "project": "Le Fournil des Cimes",
    "/candidatures/setup": "Mise en place",
    "/candidatures/setup/premices": "Mise en place de Prémices.coop",
    "/candidatures/setup/premices/part/programme": "Prémices.coop",
    f"{_CALL}": "Appel Prémices 2020",
    f"{_CALL}/questions/idea": "Votre projet",
    "/candidatures/calls/premices-2020/preview": "Le formulaire, comme qui candidate",
    "/candidatures/setup/premices/new/people": "Ajouter une personne",
    "/candidatures/setup/premices/next-edition": "Préparer l’édition suivante",
    "/candidatures/import": "Importer un fichier de programme",
    "/candidatures/erasures": "Personnes effacées",
    "/candidatures/my-data": "Mes données",
    "/candidatures/retention": "Conservation des données",
    "/candidatures/retention/editions": "Conservation, par édition",
    "edition clock": "Prémices.coop, édition 1 : conservation",
    "/notifications/retention": "Conservation des données",
    "/scheduling/": "Séances et accompagnement",
    "/scheduling/sessions": "Séances",
    "session": "Un projet inspirant",
    "project beside": "Le Fournil des Cimes",
    "/scheduling/hours": "Forfaits d’heures",
    "/scheduling/pairings": "Parrainages et mentorats",
    "/scheduling/tracks": "Parcours",
    "/scheduling/feeds": "Mes séances dans mon agenda",
    "/notifications/": "Messages",
    "message": "Convocation : Un projet inspirant, le jeudi 8 octobre 2020",
    "/notifications/outbox": "Boîte d’envoi",
    "/notifications/templates": "Modèles",
    "/notifications/templates/session-convocation": "Convocation",
    "/notifications/webhooks": "Webhooks",
    "/notifications/webhooks/new": "Ajouter un webhook",
    "webhook": "Carte des projets",
    "webhook delivery": "Essai",
    "webhook secret": "Remplacer le secret",
    "/notifications/templates/webhook-stopped?case=failing": "Webhook désactivé, faute de réponse",
    "/reporting/": "Bilan des éditions",
    "edition": "Prémices.coop, édition 1 (2020)",
    "evidence": "Candidatures reçues",
    "time line": "Le Fournil des Cimes",
}
FOR_OPERATION = {
    "/candidatures/admin/partners": "Partenaires",
    "/candidatures/admin/partners/scheduling": "Accompagnement",
    "/candidatures/admin/partners/new/reader": "Ajouter un lecteur",
    "/candidatures/admin/partners/new/service": "Ajouter un partenaire",
    "/candidatures/admin/partners/scheduling/folder": "Le dossier de « Accompagnement »",
    "/candidatures/admin/partners/scheduling/revoke": "Révoquer « Accompagnement » ?",
}


@pytest.fixture(scope="module")
def kept(browser: Browser, played: Played, axe: str) -> Iterator[Open]:
    """The same screen again for the same visitor: what it loaded once, it keeps."""
    screens: dict[str, Screen] = {}

    def open_screen(size: ViewportSize, who: str | None = None) -> Screen:
        visitor = f"{who} {size}"
        if visitor not in screens:
            screens[visitor] = Screen(browser, played, axe, size, who=who)
        return screens[visitor]

    yield open_screen
    for screen in screens.values():
        screen.close()


@pytest.mark.parametrize("name", FOR_ALL)
def test_a_page_for_everybody_has_no_fault(
    kept: Open, played: Played, size: ViewportSize, name: str
) -> None:
    screen = kept(size).goto(played.pages.get(name, name))

    expect(screen.page.get_by_role("heading", level=1)).to_have_text(FOR_ALL[name])
    assert screen.faults() == []


@pytest.mark.parametrize("name", FOR_COORDINATION)
def test_a_page_for_the_coordination_has_no_fault(
    kept: Open, played: Played, size: ViewportSize, name: str
) -> None:
    screen = kept(size, who=ALIX).goto(played.pages.get(name, name))

    expect(screen.page.get_by_role("heading", level=1)).to_have_text(FOR_COORDINATION[name])
    assert screen.faults() == []


@pytest.mark.parametrize("name", FOR_OPERATION)
def test_a_page_for_the_operator_has_no_fault(kept: Open, size: ViewportSize, name: str) -> None:
    screen = kept(size, who=ODILE).goto(name)

    expect(screen.page.get_by_role("heading", level=1)).to_have_text(FOR_OPERATION[name])
    assert screen.faults() == []


@pytest.mark.parametrize("name", ["edition", f"{CALL}/apply"])
def test_a_page_has_no_fault_in_the_dark(opened: Open, played: Played, name: str) -> None:
    screen = opened(PHONE, who=ALIX, color_scheme="dark").goto(played.pages.get(name, name))

    background = "getComputedStyle(document.documentElement).backgroundColor"
    assert screen.page.evaluate(background) == "rgb(28, 25, 20)"
    assert screen.faults() == []


def test_a_fault_would_be_seen(opened: Open) -> None:
    screen = opened(PHONE).goto("/")

    screen.page.evaluate(
        """() => {
          document.documentElement.lang = "";
          document.querySelector("h1").style.width = "600px";
          const script = document.createElement("script");
          script.textContent = "1";
          document.body.append(script);
        }"""
    )

    found = " ".join(screen.faults())
    for fault in ("html-has-lang", "do not fit the width", "Content Security Policy"):
        assert fault in found
