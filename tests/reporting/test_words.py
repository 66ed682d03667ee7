"""Nothing a partner can say is left without words, in French and in English."""

from enum import StrEnum

import pytest
from essaim.text.languages import speaking
from essaim_contracts import all_facts, candidatures, notifications, scheduling
from reporting import words
from reporting.sentences import Names, organisation, sentence

from tests.reporting.edition import a_small_edition
from tests.reporting.series import Series, named


@pytest.mark.parametrize(
    ("values", "known"),
    [
        (candidatures.Decision, words.APPLICATION_STATES),
        (candidatures.DecisionReason, words.DECISION_REASONS),
        (candidatures.WithdrawalReason, words.WITHDRAWAL_REASONS),
        (candidatures.ApplicantKind, words.APPLICANT_KINDS),
        (candidatures.DeliverableKind, words.DELIVERABLE_KINDS),
        (candidatures.PrizeKind, words.PRIZE_KINDS),
        (candidatures.Commitment, words.COMMITMENTS),
        (scheduling.SessionKind, words.SESSION_KINDS),
        (scheduling.SessionMode, words.SESSION_MODES),
        (scheduling.ChangeReason, words.CHANGE_REASONS),
        (scheduling.HourKind, words.HOUR_KINDS),
        (scheduling.PairingKind, words.PAIRING_KINDS),
        (scheduling.PairingEndReason, words.PAIRING_END_REASONS),
        (scheduling.ProjectStatus, words.STATUSES),
        (scheduling.AttendeeRole, words.ATTENDEE_ROLES),
        (notifications.FailureReason, words.FAILURES),
    ],
)
def test_every_value_of_a_fact_has_words(values: type[StrEnum], known: dict[str, str]) -> None:
    assert {value.value for value in values} <= set(known)


def test_every_fact_of_the_contracts_is_told_in_words() -> None:
    types = {fact.type for fact in all_facts() if fact.__module__.startswith("essaim_contracts")}

    assert types == set(words.FACT_TYPES)


def every_kind_of_fact() -> Series:
    """The small edition, and the facts it does not have."""
    series = a_small_edition()
    series.cancel("Gouvernance")
    series.unpair("pain", "SICADAE", "replaced")
    series.use("pain", 300, minutes_over=60)
    series.join("GRAP")
    series.fail(series.heard[0])
    series.award("vélo", title="Mention")
    return series


@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_fact_gives_a_sentence_in_both_languages(language: str) -> None:
    with speaking("reporting", language) as tongue:
        told = [
            sentence(one.envelope.type, one.fact.model_dump_json(), tongue, Names())
            for one in every_kind_of_fact().heard
        ]

    assert all(text.endswith(".") and "{" not in text for text in told), told


def test_a_fact_of_a_type_without_a_sentence_is_told_by_its_type() -> None:
    with speaking("reporting", "fr") as tongue:
        assert sentence("essaim.x.y.z.v9", "{}", tongue, Names()) == "essaim.x.y.z.v9"


def test_a_person_who_acts_alone_is_not_named() -> None:
    names = Names(organisations={named("organisation", "expert"): None})
    with speaking("reporting", "fr") as tongue:
        assert organisation(named("organisation", "expert"), tongue, names) == "expert indépendant"
        assert organisation(named("organisation", "GRAP"), tongue, names) == "organisation inconnue"
        assert organisation(None, tongue, names) == "partenaire non précisé"
