"""What is written in the form of a call, read in its types or refused at its field."""

import pytest
from candidatures.application_form import (
    check_application,
    fields_of,
    missing_fields,
    required_fields,
)
from essaim.refusal import Refusals
from essaim_contracts.candidatures import ApplicantKind
from hypothesis import given
from hypothesis import strategies as st

from tests.candidatures.premices import CALL, CONTENT


def test_a_complete_application_is_read_in_its_types() -> None:
    checked = check_application(CALL, CONTENT, {"summary"})

    assert checked.project_title == "Le Fournil des Cimes"
    assert (checked.jobs_min, checked.jobs_max) == (2, 4)
    assert checked.applicant_kind == ApplicantKind.GROUP
    assert checked.answers["idea"] == "Du pain de village, cuit au bois."


@pytest.mark.parametrize(
    ("field", "text", "code"),
    [
        ("project_title", "  ", "missing"),
        ("project_title", "x" * 201, "too_long"),
        ("bearer_name", "", "missing"),
        ("bearer_email", "dora", "bad_email"),
        ("bearer_email", "hélène@example.org", "bad_email"),
        ("sector", "mining", "not_offered"),
        ("department", "75", "not_offered"),
        ("applicant_kind", "", "missing"),
        ("heard_from", "a bird", "not_offered"),
        ("jobs_min", "", "missing"),
        ("jobs_min", "deux", "not_a_number"),
        ("jobs_min", "-1", "not_a_number"),
        ("jobs_min", "٣", "not_a_number"),
        ("jobs_max", "1", "range_reversed"),
        ("jobs_max", "9" * 30, "not_a_number"),
        ("answer-idea", "", "missing"),
        ("answer-idea", "x" * 601, "too_long"),
        ("answer-coop", "maybe", "not_offered"),
        ("answer-stage", "dream", "not_offered"),
        ("answer-people", "many", "not_a_number"),
    ],
)
def test_each_mistake_is_told_at_its_field(field: str, text: str, code: str) -> None:
    with pytest.raises(Refusals) as refused:
        check_application(CALL, {**CONTENT, field: text}, {"summary"})

    assert [(one.field, one.code) for one in refused.value.all] == [(field, code)]


def test_all_that_is_missing_is_told_at_once() -> None:
    with pytest.raises(Refusals) as refused:
        check_application(CALL, {}, set())

    assert {one.field for one in refused.value.all} == required_fields(CALL, {})
    assert missing_fields(CALL, {}, set()) == required_fields(CALL, {})


def test_an_organisation_must_give_its_name() -> None:
    content = {**CONTENT, "applicant_kind": "organisation"}

    assert missing_fields(CALL, content, {"summary"}) == {"organisation"}
    assert "organisation" in required_fields(CALL, content)


def test_a_required_document_is_asked_for_at_its_field() -> None:
    assert missing_fields(CALL, CONTENT, set()) == {"document-summary"}
    assert missing_fields(CALL, CONTENT, {"summary"}) == set()


@given(st.dictionaries(st.sampled_from([*CONTENT, "answer-stage", "answer-people"]), st.text()))
def test_whatever_was_typed_checking_it_answers_or_names_known_fields(
    content: dict[str, str],
) -> None:
    missing = missing_fields(CALL, content, {"summary"})

    assert missing <= {*fields_of(CALL), "document-summary"}
    if not missing:
        checked = check_application(CALL, content, {"summary"})
        assert (checked.jobs_min is None) == (checked.jobs_max is None)
