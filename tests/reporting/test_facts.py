"""Nothing a partner can say is left without words, in French and in English."""

import pytest
from essaim.text.languages import speaking
from essaim_contracts import all_facts
from essaim_contracts.candidatures import Decision
from essaim_contracts.scheduling import ProjectStatus
from reporting import labels
from reporting.facts.catalogue import KINDS, sentence
from reporting.names import Names

from tests.reporting.edition import a_small_edition
from tests.reporting.series import Series


def test_every_fact_of_the_contracts_has_a_sentence_and_says_what_it_counts() -> None:
    known = {fact for fact in all_facts() if fact.__module__.startswith("essaim_contracts")}

    assert known - set(KINDS) == set(), "add each to reporting/facts/, in the file of its subject"
    assert set(KINDS) <= known


def test_a_kind_of_fact_stands_in_the_file_named_after_its_subject() -> None:
    for kind in KINDS.values():
        _, _, subject, *_ = kind.fact.type.split(".")
        assert kind.sentence.__module__ == f"reporting.facts.{subject}", kind.fact


def test_states_made_of_several_facts_have_words_too() -> None:
    assert {*Decision, "withdrawn", "pending"} == set(labels.APPLICATION_STATES)
    assert {*ProjectStatus, "not_reported"} == set(labels.PROJECT_STATUSES)


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
