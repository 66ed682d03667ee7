"""The committee at work in its pages, without JavaScript: scoring, ranking, deciding, applying."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from html import unescape
from typing import Any
from uuid import UUID

import pytest
import signing
from candidatures import store
from essaim import Role, RoleHeld
from essaim.running.runtime import Runtime
from essaim_contracts.candidatures import ApplicationDecided, Decision
from fastapi.testclient import TestClient

from tests.candidatures.premices import (
    AFTER,
    a_person,
    apply,
    prepare,
    received,
    set_clock,
    told,
)

# What pages ask of the database is tested on both, beside what the API and the acts ask.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

As = Callable[..., dict[str, str]]
CALL = "/candidatures/calls/premices-2020"
ALL = {"points-ess": "4", "points-maturity": "3", "points-autonomy": "none"}


def page_of(application_id: UUID) -> str:
    return f"/candidatures/applications/{application_id}"


def text_of(answer: Any) -> str:
    return unescape(answer.text).replace("\N{NO-BREAK SPACE}", " ")


def fields_of(html: str, action: str) -> dict[str, str]:
    """The hidden fields of the form of a page that is sent there."""
    form = html.partition(f'action="{action}')[2].partition("</form>")[0]
    return dict(re.findall(r'<input type="hidden" name="([\w-]+)"[^>]*value="([^"]*)"', form))


def press(
    browser: TestClient, shown: str, path: str, headers: dict[str, str], **answers: str
) -> Any:
    """Send the form of a page with these answers."""
    fields = fields_of(text_of(browser.get(shown, headers=headers)), path)
    return browser.post(path, data=fields | answers, headers=headers)


def score(browser: TestClient, id: UUID, headers: dict[str, str], **answers: str) -> Any:
    return press(browser, page_of(id), f"{page_of(id)}/scores", headers, **answers)


# --- scoring


def test_a_member_is_led_from_one_application_to_the_next_until_all_are_scored(
    browser: TestClient, four: list[UUID], as_: As
) -> None:
    basile = as_("basile")
    assert "Noter les 4 dossiers qui attendent" in text_of(
        browser.get(f"{CALL}/applications", headers=basile)
    )
    place = browser.get(f"{CALL}/scoring", headers=basile).headers["location"]
    met = []
    while place.startswith("/candidatures/applications/"):
        id = UUID(place.rsplit("/", 1)[1])
        met.append(id)
        saved = score(browser, id, basile, **ALL, action="next")
        place = browser.get(saved.headers["location"], headers=basile).headers["location"]

    assert met == four
    assert place == f"{CALL}/applications"
    assert "Vous avez noté toutes les candidatures qui vous reviennent : 4." in text_of(
        browser.get(place, headers=basile)
    )


def test_what_a_member_gave_stands_in_her_grid_when_she_comes_back(
    browser: TestClient, four: list[UUID], as_: As
) -> None:
    answer = score(browser, four[0], as_("basile"), **ALL, action="stay")
    assert answer.headers["location"] == page_of(four[0])
    html = text_of(browser.get(page_of(four[0]), headers=as_("basile")))
    for field, chosen in ALL.items():
        assert f'name="{field}" value="{chosen}" checked' in html


def test_she_may_pass_over_one_and_is_led_behind_it(
    browser: TestClient, four: list[UUID], as_: As
) -> None:
    answer = browser.get(f"{CALL}/scoring?after={four[1]}", headers=as_("basile"))
    assert answer.headers["location"] == page_of(four[2])
    last = browser.get(f"{CALL}/scoring?after={four[3]}", headers=as_("basile"))
    assert last.headers["location"] == page_of(four[0])


def test_points_that_are_none_are_told_at_their_criterion_and_nothing_is_saved(
    browser: TestClient, four: list[UUID], as_: As
) -> None:
    answer = score(browser, four[0], as_("basile"), **ALL | {"points-ess": "9"})
    assert answer.status_code == 422
    assert "9 n’est pas une note de 0 à 5." in text_of(answer)
    wrong = score(browser, four[0], as_("basile"), **ALL | {"points-ess": "²"})
    assert "« ² » n’est pas une note" in text_of(wrong)
    again = text_of(browser.get(page_of(four[0]), headers=as_("basile")))
    assert "Notés : 0 sur 4" in again
    assert not re.search(r"value=\"\d\" checked", again)


def test_a_form_that_is_older_changes_only_what_was_changed_in_it(
    browser: TestClient, four: list[UUID], as_: As
) -> None:
    basile, place = as_("basile"), f"{page_of(four[0])}/scores"
    older = fields_of(text_of(browser.get(page_of(four[0]), headers=basile)), place)
    score(browser, four[0], basile, **{"points-ess": "5", "comment-ess": "Une vraie coopérative."})

    kept = browser.post(place, data=older | {"points-maturity": "2"}, headers=basile)
    assert kept.status_code == 303
    written = {"points-ess": "1", "points-maturity": "2", "comment-ess": "Une société."}
    refused = browser.post(place, data=older | written, headers=basile)
    assert refused.status_code == 409
    assert "Vous avez donné 5 entre-temps" in text_of(refused)
    assert 'name="points-ess" value="1" checked' in refused.text
    assert "Une société." in text_of(refused)
    assert 'name="seen-ess" value="5"' in refused.text, "now she has seen it"
    again = fields_of(text_of(refused), place) | written
    assert browser.post(place, data=again, headers=basile).status_code == 303
    assert (
        'name="points-ess" value="1" checked' in browser.get(page_of(four[0]), headers=basile).text
    )


def test_a_comment_written_elsewhere_is_shown_beside_hers_until_she_chooses(
    browser: TestClient, four: list[UUID], as_: As
) -> None:
    basile, place = as_("basile"), f"{page_of(four[0])}/scores"
    older = fields_of(text_of(browser.get(page_of(four[0]), headers=basile)), place)
    score(browser, four[0], basile, **{"comment-ess": "Une vraie coopérative."})
    refused = browser.post(place, data=older | {"comment-ess": "Une société."}, headers=basile)
    assert "autre appareil : « Une vraie coopérative. »" in text_of(refused)
    chosen = fields_of(text_of(refused), place) | {"comment-ess": "Une société."}
    assert browser.post(place, data=chosen, headers=basile).status_code == 303
    assert "Une société." in text_of(browser.get(page_of(four[0]), headers=basile))


def test_who_scores_sees_what_others_gave_once_hers_is_in(
    browser: TestClient, four: list[UUID], as_: As
) -> None:
    score(browser, four[0], as_("chloe"), **ALL)
    before = text_of(browser.get(page_of(four[0]), headers=as_("basile")))
    assert "Chloé" not in before
    assert "Sur 100" not in before
    score(browser, four[0], as_("basile"), **ALL | {"points-ess": "0", "points-maturity": "0"})
    after = text_of(browser.get(page_of(four[0]), headers=as_("basile")))
    assert "Chloé" in after
    assert "avis partagés" in after


def test_a_declared_conflict_takes_the_grid_away_until_it_is_lifted(
    browser: TestClient, four: list[UUID], as_: As
) -> None:
    basile, place = as_("basile"), f"{page_of(four[0])}/conflict"
    question = text_of(browser.get(place, headers=basile))
    assert "Vous ne la notez plus" in question
    press(browser, place, place, basile)
    away = text_of(browser.get(page_of(four[0]), headers=basile))
    assert "Votre grille" not in away
    assert "Lever ce conflit" in away
    led = browser.get(f"{CALL}/scoring", headers=basile).headers["location"]
    assert led == page_of(four[1])

    press(browser, page_of(four[0]), place, basile, lift="true")
    assert "Votre grille" in text_of(browser.get(page_of(four[0]), headers=basile))


def test_what_is_decided_waits_for_no_points_any_more(
    browser: TestClient, premices: Runtime, four: list[UUID], as_: As
) -> None:
    prepare(premices, four[0], Decision.SELECTED)
    apply(premices, partial=True)
    assert "Noter les 3 dossiers qui attendent" in text_of(
        browser.get("/candidatures/", headers=as_("basile"))
    )
    assert "Votre grille" not in text_of(browser.get(page_of(four[0]), headers=as_("basile")))


def test_who_coordinates_without_a_seat_on_the_committee_has_no_grid(
    browser: TestClient, four: list[UUID], as_: As
) -> None:
    assert "Votre grille" not in text_of(browser.get(page_of(four[0]), headers=as_("alix")))
    assert browser.get(f"{CALL}/scoring", headers=as_("alix")).status_code == 403


# --- deciding


def ranked(browser: TestClient, headers: dict[str, str], query: str = "") -> str:
    return text_of(browser.get(f"{CALL}/ranking{query}", headers=headers))


def decide(browser: TestClient, headers: dict[str, str], **decisions: str) -> Any:
    fields = fields_of(ranked(browser, headers), f"{CALL}/ranking")
    return browser.post(f"{CALL}/ranking", data=fields | decisions, headers=headers)


def test_the_ranking_has_the_best_first_and_what_each_criterion_got(
    browser: TestClient, four: list[UUID], as_: As
) -> None:
    for nth, id in enumerate(four):
        score(browser, id, as_("basile"), **ALL | {"points-ess": str(nth)})
    html = ranked(browser, as_("alix"))
    places = [html.index(f'href="{page_of(id)}"') for id in four]
    assert places == sorted(places, reverse=True)
    assert "Appartenance à l’ESS" in html


def test_a_member_reads_in_the_ranking_only_what_she_has_scored(
    browser: TestClient, premices: Runtime, four: list[UUID], as_: As
) -> None:
    for id in four:
        score(browser, id, as_("chloe"), **ALL)
    prepare(premices, four[1], Decision.SELECTED)
    score(browser, four[0], as_("basile"), **ALL)
    html = ranked(browser, as_("basile"))
    assert html.count("masqué : notez d’abord") == 3
    assert "retenue" not in html.partition("<table")[2]
    for narrowed in ("?prepared=selected", "?sort=-mean"):
        assert "retenue</td>" not in ranked(browser, as_("basile"), narrowed)


def test_decisions_are_prepared_in_the_table_and_nobody_hears_of_them(
    browser: TestClient, premices: Runtime, four: list[UUID], as_: As
) -> None:
    answer = decide(
        browser,
        as_("alix"),
        **{
            f"decision-{four[0]}": "selected:meets_criteria",
            f"decision-{four[1]}": "waiting_list:places_filled",
            f"decision-{four[2]}": "waiting_list:places_filled",
            f"decision-{four[3]}": "refused:not_mature",
        },
    )
    assert answer.status_code == 303
    html = ranked(browser, as_("alix"))
    assert "Décisions préparées : 4." in html
    assert re.findall(rf'name="rank-{four[1]}"[^>]*value="(\d)"', html) == ["1"]
    assert re.findall(rf'name="rank-{four[2]}"[^>]*value="(\d)"', html) == ["2"]
    assert "Retenues : 1 sur 2 places" in html
    assert not told(premices, ApplicationDecided)


def test_a_table_opened_before_somebody_else_decided_changes_nothing(
    browser: TestClient, premices: Runtime, four: list[UUID], as_: As
) -> None:
    fields = fields_of(ranked(browser, as_("alix")), f"{CALL}/ranking")
    prepare(premices, four[0], Decision.REFUSED)
    chosen = {
        f"decision-{four[0]}": "selected:meets_criteria",
        f"decision-{four[1]}": "selected:meets_criteria",
    }
    answer = browser.post(f"{CALL}/ranking", data=fields | chosen, headers=as_("alix"))
    assert answer.status_code == 409
    assert "Quelqu’un d’autre a préparé entre-temps" in text_of(answer)
    assert "Refusée : 1" in text_of(answer)
    assert "Retenues : 0 sur 2 places" in text_of(answer)


def test_a_note_on_one_application_stays_when_the_table_changes_its_decision(
    browser: TestClient, four: list[UUID], as_: As
) -> None:
    alix, place = as_("alix"), f"{page_of(four[0])}/decision"
    chosen = {"decision": "refused:incomplete", "note": "Rappeler en juin."}
    assert press(browser, page_of(four[0]), place, alix, **chosen).status_code == 303
    decide(browser, alix, **{f"decision-{four[0]}": "refused:not_mature"})
    html = text_of(browser.get(page_of(four[0]), headers=alix))
    assert "Rappeler en juin." in html
    assert "projet pas assez mûr" in html
    waiting = {"decision": "waiting_list:places_filled", "rank": "3"}
    assert press(browser, page_of(four[0]), place, alix, **waiting).status_code == 303


def test_what_is_no_decision_is_refused(browser: TestClient, four: list[UUID], as_: As) -> None:
    answer = decide(browser, as_("alix"), **{f"decision-{four[0]}": "adored"})
    assert answer.status_code == 422
    assert "« adored » n’est pas une décision" in text_of(answer)
    assert decide(browser, as_("alix"), **{"decision-x": "adored"}).status_code == 404


def test_the_prepared_decisions_are_read_again_with_their_letters_then_applied_together(
    browser: TestClient, premices: Runtime, four: list[UUID], as_: As
) -> None:
    alix = as_("alix")
    choices = ["selected:meets_criteria"] * 3
    decide(browser, alix, **{f"decision-{id}": one for id, one in zip(four, choices, strict=False)})
    review = text_of(browser.get(f"{CALL}/decisions", headers=alix))
    assert "3 courriels partiront." in review
    assert '"/notifications/templates/application-decided?case=selected"' in review
    assert "1 sans décision" in review
    assert "1 de trop" in review

    refused = press(browser, f"{CALL}/decisions", f"{CALL}/decisions", alix)
    assert refused.status_code == 409
    assert "n’a pas de décision" in text_of(refused)
    assert not told(premices, ApplicationDecided)

    named = {"partial": "true", "over_places": "true", "grace_minutes": "0"}
    applied = press(browser, f"{CALL}/decisions", f"{CALL}/decisions", alix, **named)
    assert applied.headers["location"] == f"{CALL}/decisions"
    assert {one.application_id for one in told(premices, ApplicationDecided)} == set(four[:3])
    assert "Aucune décision n’attend" in text_of(browser.get(f"{CALL}/decisions", headers=alix))


@pytest.mark.parametrize("keeps_away", ["a conflict", "her own points are not in"])
def test_no_page_of_decisions_tells_what_was_prepared_to_who_must_not_see_it(
    browser: TestClient, premices: Runtime, four: list[UUID], as_: As, keeps_away: str
) -> None:
    """Neither by a list, nor by what is left of a sum; the others are hers to read and apply."""
    prepare(premices, four[0], Decision.REFUSED)
    prepare(premices, four[1], Decision.SELECTED)
    alix = a_person(premices, "alix")
    with premices.work() as work:
        if keeps_away == "a conflict":
            store.application.save_bearer(work.db, store.application.get(work.db, four[0]), alix.id)
        else:
            member = RoleHeld(Role.COMMITTEE_MEMBER, "premices")
            work.share(replace(alix, roles=(*alix.roles, member)))
    if keeps_away != "a conflict":
        for id in four[1:]:
            score(browser, id, as_("alix"), **ALL)

    for page in ("decisions", "ranking"):
        shown = browser.get(f"{CALL}/{page}", headers=as_("alix"))
        text = re.sub(r"\s+", " ", re.sub("<[^>]*>", "", text_of(shown)))
        assert "1 candidature n’est pas comptée ici" in text
        assert "Retenues : 1 sur 2 places · 2 sans décision" in text
    review = text_of(browser.get(f"{CALL}/decisions", headers=as_("alix")))
    assert "Projet fictif 2" in review
    assert "Projet fictif 1" not in review

    guess = {f"decision-{four[0]}": "selected:meets_criteria", f"shown-{four[0]}": "x"}
    if keeps_away == "a conflict":
        assert decide(browser, as_("alix"), **guess).status_code == 403
    press(
        browser,
        f"{CALL}/decisions",
        f"{CALL}/decisions",
        as_("alix"),
        partial="true",
        grace_minutes="0",
    )
    assert len(told(premices, ApplicationDecided)) == 2


def test_before_the_call_closes_decisions_are_prepared_but_cannot_be_applied(
    browser: TestClient, open_call: Runtime, as_: As
) -> None:
    id = received(open_call, 1)
    decide(browser, as_("alix"), **{f"decision-{id}": "selected:meets_criteria"})
    assert "les décisions s’appliquent après" in text_of(
        browser.get(f"{CALL}/decisions", headers=as_("alix"))
    )
    assert press(browser, f"{CALL}/decisions", f"{CALL}/decisions", as_("alix")).status_code == 409
    assert not told(open_call, ApplicationDecided)


# --- applied, and taken back while nobody is told


def leaving(browser: TestClient, headers: dict[str, str], **answers: str) -> Any:
    return press(browser, f"{CALL}/decisions", f"{CALL}/decisions", headers, **answers)


def test_decisions_applied_with_a_grace_are_told_when_it_has_passed_and_not_before(
    browser: TestClient, premices: Runtime, four: list[UUID], as_: As
) -> None:
    alix = as_("alix")
    prepare(premices, four[0], Decision.SELECTED)
    leaving(browser, alix, partial="true", grace_minutes="10")
    assert not told(premices, ApplicationDecided)
    assert "1 décision appliquée part le" in text_of(browser.get(f"{CALL}/decisions", headers=alix))
    bearer = text_of(browser.get(page_of(four[0]), headers=alix))
    assert "Décision :" not in bearer.partition("<h2")[0]

    refused = decide(browser, alix, **{f"decision-{four[1]}": "selected:meets_criteria"})
    assert refused.status_code == 409
    assert "partent le" in text_of(refused)
    assert leaving(browser, alix, partial="true").status_code == 409

    set_clock(premices, AFTER + timedelta(minutes=10))
    premices.run_timers()
    (decided,) = told(premices, ApplicationDecided)
    assert (decided.application_id, decided.decision) == (four[0], Decision.SELECTED)
    premices.run_timers()
    assert len(told(premices, ApplicationDecided)) == 1
    undone = browser.post(f"{CALL}/decisions/undo", data={}, headers=alix)
    assert undone.status_code == 409
    assert "Aucune décision n’attend de partir" in text_of(undone)


def test_what_was_applied_is_taken_back_within_its_grace_and_nobody_ever_hears_of_it(
    browser: TestClient, premices: Runtime, four: list[UUID], as_: As
) -> None:
    alix, place = as_("alix"), f"{CALL}/decisions/undo"
    prepare(premices, four[0], Decision.SELECTED)
    leaving(browser, alix, partial="true", grace_minutes="60")
    press(browser, f"{CALL}/decisions", place, alix)
    prepare(premices, four[0], Decision.REFUSED)
    set_clock(premices, AFTER + timedelta(hours=2))
    premices.run_timers()
    assert not told(premices, ApplicationDecided)
    leaving(browser, alix, partial="true", grace_minutes="0")
    assert [one.decision for one in told(premices, ApplicationDecided)] == [Decision.REFUSED]


def test_what_the_bearer_may_be_told_shows_on_her_page_once_the_decision_is_applied(
    browser: TestClient, premices: Runtime, four: list[UUID], as_: As
) -> None:
    alix, place = as_("alix"), f"{page_of(four[0])}/decision"
    said = "Revenez avec un premier client."
    chosen = {"decision": "refused:not_mature", "note": "Non.", "feedback": said}
    press(browser, page_of(four[0]), place, alix, **chosen)
    bearer = hers(premices, four[0])
    assert said not in browser.get(page_of(four[0]), headers=bearer).text
    leaving(browser, alix, partial="true", grace_minutes="0")
    page = text_of(browser.get(page_of(four[0]), headers=bearer))
    assert said in page
    assert "Non." not in page

    # Another decision is prepared with other words: she reads the old ones until it is applied.
    other = {"decision": "selected:meets_criteria", "feedback": "Bienvenue !"}
    press(browser, page_of(four[0]), place, alix, **other)
    page = text_of(browser.get(page_of(four[0]), headers=bearer))
    assert said in page
    assert "Bienvenue !" not in page


def hers(runtime: Runtime, application_id: UUID) -> dict[str, str]:
    """The headers of its bearer, signed in."""
    with runtime.read() as db:
        bearer = store.application.get(db, application_id).bearer_id
    assert bearer is not None
    return signing.bearer("candidatures", bearer)


# --- comments


def test_a_comment_is_for_the_committee_once_its_marks_are_in_or_for_its_writer_alone(
    browser: TestClient, four: list[UUID], as_: As
) -> None:
    written = {
        "comment-ess": "Vraie coopérative.",
        "comment-": "À voir en entretien.",
        "private-": "true",
    }
    score(browser, four[0], as_("chloe"), **ALL | written, action="stay")
    own = text_of(browser.get(page_of(four[0]), headers=as_("chloe")))
    assert "À voir en entretien." in own
    before = text_of(browser.get(page_of(four[0]), headers=as_("basile")))
    assert "Vraie coopérative." not in before
    score(browser, four[0], as_("basile"), **ALL)
    for reader in ("basile", "alix"):
        after = text_of(browser.get(page_of(four[0]), headers=as_(reader)))
        assert "Vraie coopérative." in after
        assert "À voir en entretien." not in after
    api = f"/candidatures/api/applications/{four[0]}"
    assert "entretien" not in browser.get(api, headers=as_("basile")).text
    assert "comments" in browser.get(api, headers=as_("basile")).json()


def test_a_comment_written_over_an_older_one_is_given_back_and_overwrites_nothing(
    browser: TestClient, four: list[UUID], as_: As
) -> None:
    basile, place = as_("basile"), f"{page_of(four[0])}/scores"
    fields = fields_of(text_of(browser.get(page_of(four[0]), headers=basile)), place)
    browser.post(place, data=fields | ALL | {"comment-ess": "Du train."}, headers=basile)
    late = fields | ALL | {"comment-ess": "Du bureau.", "command_key": "another"}
    stale = browser.post(place, data=late, headers=basile)
    assert stale.status_code == 409
    assert "Du bureau." in text_of(stale)
    assert "Du train." in text_of(browser.get(page_of(four[0]), headers=basile))
    api = f"/candidatures/api/applications/{four[0]}"
    seen = browser.get(api, headers=basile).json()["comments_version"]
    body = {"version": seen, "comments": [{"criterion": "ess", "text": "Deux fois."}]}
    answer = browser.put(f"{api}/comments", json=body, headers=basile)
    assert answer.json() == {"version": seen + 1}
    assert browser.put(f"{api}/comments", json=body, headers=basile).json() == {"version": seen + 1}
