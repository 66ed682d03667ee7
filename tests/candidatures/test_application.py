from dataclasses import replace
from datetime import timedelta

import pytest
from candidatures.application import (
    Application,
    ApplicationState,
    StaleForm,
    refuse_outside_window,
    save_content,
)
from candidatures.application_form import (
    check_application,
    fields_of,
    missing_fields,
    required_fields,
)
from candidatures.call import Call
from candidatures.programme_file import read_programme
from essaim.ids import new_id
from essaim.refusal import Refusal, Refusals
from essaim.web import speaking
from essaim_contracts.candidatures import ApplicantKind
from hypothesis import given
from hypothesis import strategies as st
from premices import CLOSING, CONTENT, OPEN, PROGRAMME


def a_call(programme: str = PROGRAMME) -> Call:
    """The first call of a programme file."""
    file = read_programme(programme).file
    assert file is not None
    entry = file.editions[0].calls[0]
    return Call(
        id=new_id(),
        programme="premices",
        edition_id=new_id(),
        edition_number=1,
        edition_year=2020,
        slug=entry.slug,
        programme_name=file.programme.name,
        receipt_prefix=entry.prefix,
        title=entry.title,
        kind=entry.kind,
        track_code=entry.track_code,
        places=entry.places,
        opens_at=entry.opens_at,
        closes_at=entry.closes_at,
        questions=entry.questions,
        documents=entry.documents,
        criteria=entry.criteria,
        sectors=file.programme.sectors,
        heard_from=file.programme.heard_from,
        departments=file.programme.departments,
    )


def a_draft(**changes: object) -> Application:
    draft = Application(
        id=new_id(),
        call_id=new_id(),
        project_id=new_id(),
        state=ApplicationState.DRAFT,
        language="fr",
        content=CONTENT,
        version=3,
        saved_by_form="page-1",
    )
    return replace(draft, **changes)  # type: ignore[arg-type]


CALL = a_call()


# --- saving


def test_saving_makes_the_next_version() -> None:
    draft = a_draft()

    saved = save_content(draft, {"project_title": "Autre"}, 3, "page-1")

    assert saved == replace(draft, content={"project_title": "Autre"}, version=4)


def test_a_stale_page_never_overwrites_a_newer_version() -> None:
    draft = a_draft()

    with pytest.raises(StaleForm) as refused:
        save_content(draft, {"project_title": "Autre"}, 2, "page-2")

    assert refused.value.saved == draft


def test_the_page_that_saved_last_may_save_again_before_it_knows_the_new_version() -> None:
    saved = save_content(a_draft(), {"project_title": "Autre"}, 2, "page-1")

    assert saved.version == 4


def test_saving_the_same_words_again_changes_nothing_even_from_a_stale_page() -> None:
    draft = a_draft()

    assert save_content(draft, dict(CONTENT), 1, "page-2") is draft


def test_an_application_that_was_sent_does_not_change() -> None:
    sent = a_draft(state=ApplicationState.RECEIVED, number="PREM-2020-0042")

    with pytest.raises(Refusal, match="PREM-2020-0042"):
        save_content(sent, {}, 3, "page-1")


words = st.text(st.characters(exclude_characters="\0"), max_size=5)
contents = st.dictionaries(st.sampled_from(list(CONTENT)), words, max_size=3)


@given(st.lists(st.tuples(st.sampled_from("AB"), contents), max_size=12))
def test_two_pages_saving_in_turn_never_lose_a_word_in_silence(
    saves: list[tuple[str, dict[str, str]]],
) -> None:
    """Each page knows the version it saw last; a save is kept, refused, or says the same."""
    draft = a_draft(content={}, version=0, saved_by_form=None)
    seen = {"A": 0, "B": 0}
    for page, content in saves:
        before = draft
        try:
            draft = save_content(draft, content, seen[page], page)
        except StaleForm:
            assert before.saved_by_form != page
            assert seen[page] < before.version
            seen[page] = before.version
        else:
            assert dict(draft.content) == content
            assert draft is before or draft.version == before.version + 1
            seen[page] = draft.version


def test_a_character_that_no_database_keeps_is_dropped() -> None:
    saved = save_content(a_draft(), {"project_title": "Le\0 Fournil"}, 3, "page-1")

    assert saved.content == {"project_title": "Le Fournil"}


# --- the window


def test_an_application_one_second_late_is_refused_with_the_closing_time_and_the_reason() -> None:
    with pytest.raises(Refusal) as refused:
        refuse_outside_window(CALL, CLOSING)

    with speaking("candidatures", "fr") as _:
        sentence = _.refusal(refused.value).replace("\N{NO-BREAK SPACE}", " ")
    assert "15 janvier 2020 à 18 h 00" in sentence
    assert "trop tard" in sentence
    assert "brouillon est gardé" in sentence


def test_an_application_in_the_last_second_is_in_time() -> None:
    refuse_outside_window(CALL, CLOSING - timedelta(microseconds=1))


def test_before_the_opening_the_date_is_given() -> None:
    with pytest.raises(Refusal) as refused:
        refuse_outside_window(CALL, OPEN - timedelta(days=60))

    assert refused.value.values["opens_at"] == CALL.opens_at


# --- what is written


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
