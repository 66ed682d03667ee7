"""What is written in the form of a call, read in its types or refused at its field."""

from decimal import Decimal

import pytest
from candidatures.application_form import (
    check_application,
    fields_of,
    missing_fields,
    read_content,
    required_fields,
)
from candidatures.field_reader import too_long
from essaim.refusal import Refusals
from essaim.text.languages import speaking, tongue_of
from essaim.web.pages import environment
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
        ("answer-people", "3,5", "not_a_number"),
        ("answer-people", "1.500", "not_a_number"),
        ("answer-people", "-1", "not_a_number"),
        ("answer-turnover", "3,505", "not_a_number"),
        ("answer-turnover", "5000000,01", "not_a_number"),
        ("answer-turnover", "9" * 5000, "not_a_number"),
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


@pytest.mark.parametrize(
    ("name", "typed", "kept"),
    [
        ("answer-people", "45000", "45000"),
        ("answer-people", "45 000", "45000"),
        ("answer-people", "1\u202f500", "1500"),
        ("answer-people", 45000, "45000"),
        ("answer-turnover", "1\u00a0500,50", "1500.5"),
        ("answer-turnover", "3.5", "3.5"),
        ("answer-turnover", "1 500 €", "1500"),
        ("answer-people", "5 €", "5 €"),
        ("answer-turnover", Decimal("1234567.89"), "1234567.89"),
        ("answer-turnover", Decimal("1E+6"), "1000000"),
        ("answer-turnover", "-12,30", "-12.3"),
        ("answer-turnover", "environ 3", "environ 3"),
        ("jobs_max", "1 500", "1500"),
        ("bearer_email", "Lou@CAFÉ.fr", "Lou@café.fr"),
        ("bearer_email", "a..b@x.fr", "a..b@x.fr"),
        ("project_title", "E\u0301picerie\u00a0\r\ndu bourg\u202e", "Épicerie du bourg"),
        ("bearer_name", "\u3164\u200b", ""),
        ("answer-idea", "Un\r\n\r\ndeux\x00", "Un\n\ndeux"),
    ],
)
def test_what_is_typed_is_kept_in_one_form(name: str, typed: object, kept: str) -> None:
    assert read_content(CALL, {name: typed}) == {name: kept}


def test_a_number_is_checked_by_the_bounds_of_its_question_and_kept_exactly() -> None:
    content = {**CONTENT, "answer-people": "45 000", "answer-turnover": "-999,99"}

    answers = check_application(CALL, content, {"summary"}).answers

    assert (answers["people"], answers["turnover"]) == ("45000", "-999.99")


def test_the_bounds_are_said_as_numbers_are_written_in_french() -> None:
    with pytest.raises(Refusals) as refused:
        check_application(CALL, {**CONTENT, "answer-turnover": "beaucoup"}, {"summary"})

    (why,) = refused.value.all
    assert tongue_of("candidatures", "fr").refusal(why).replace("\u202f", " ") == (
        "«\u00a0beaucoup\u00a0» n’est pas un nombre de -1 000 à 5 000 000, avec 2 décimales au "
        "plus. Écrivez-le en chiffres."
    )


def test_a_number_is_shown_with_its_unit_in_the_language_of_the_reader() -> None:
    turnover = CALL.questions[-1]

    assert turnover.in_words("1500.5", "fr") == "1\u202f500,5\u00a0€"
    assert turnover.in_words("1500.5", "en") == "1,500.5\u00a0€"
    assert turnover.in_words("", "fr") == ""
    assert turnover.in_words("beaucoup", "fr") == "beaucoup"


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


def test_numbers_in_pages_and_refusals_have_their_thousands_apart() -> None:
    refusal = too_long("answers.idea", "a" * 12_345, 1_500)
    shown = environment("candidatures").from_string(
        "{% set many = 12345 %}{{ _('%(count)s séances, %(time)s', count=many, time='2') }} – "
        "{{ ngettext('%(num)s candidature reçue', '%(num)s candidatures reçues', many) }}"
    )

    assert "12\u202f345" in tongue_of("candidatures", "fr").refusal(refusal)
    assert "1,500" in tongue_of("candidatures", "en").refusal(refusal)
    with speaking("candidatures", "fr"):
        assert shown.render() == "12\u202f345 séances, 2 – 12\u202f345 candidatures reçues"
