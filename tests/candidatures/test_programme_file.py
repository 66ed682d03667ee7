import json
from contextlib import suppress

import pytest
from candidatures.programme_file import read_programme
from essaim.text.file_errors import FileError, WrongFile
from essaim.web import speaking
from hypothesis import given
from hypothesis import strategies as st

from tests.candidatures.premices import PROGRAMME, line_of

QUESTION = "kind: long_text, required: true"


def errors_in(written: str | bytes) -> tuple[FileError, ...]:
    """What is wrong in a file, which is refused for it."""
    with pytest.raises(WrongFile) as wrong:
        read_programme(written)
    return wrong.value.errors


def errors_of(text: str) -> list[tuple[int, str]]:
    """The line and the code of each error."""
    return [(error.line, error.why.code) for error in errors_in(text)]


def test_the_small_programme_is_sound() -> None:
    read = read_programme(PROGRAMME)

    assert read.file.editions[0].calls[0].opens_at.isoformat() == "2019-11-15T09:00:00+01:00"


@pytest.mark.parametrize(
    ("before", "after", "code"),
    [
        ("  name: Prémices.coop", "  colour: red\n  name: Prémices.coop", "unknown_key"),
        ("  name: Prémices.coop\n", "", "missing_key"),
        ("2020-01-15 18:00", "2019-11-01 18:00", "closes_first"),
        ("2020-01-15 18:00", "2020-01-15", "bad_local_time"),
        ("2020-01-15 18:00", "2020-03-29 02:30", "time_skipped"),
        ("2020-01-15 18:00", "2020-10-25 02:30", "time_twice"),
        ("steward: ur-scop", "steward: nobody", "unknown_code"),
        ("commitments: [steward, mentor]", "commitments: [mentor]", "missing_commitment"),
        ("contributor: miimosa, kind: v", "contributor: grap, kind: v", "missing_commitment"),
        ("organisation: ur-scop, since", "organisation: nobody, since", "unknown_code"),
        ("since: 2019-01-01", "since: 2019-01-01, until: 2018-01-01", "role_ends_first"),
        ("code: grap,", "code: ur-scop,", "code_twice"),
        ("email: chloe@example.org", "email: BASILE@example.org", "code_twice"),
        ("email: chloe@example.org", "email: nowhere", "bad_email"),
        ("code: maturity", "code: ess", "code_twice"),
        ("weight: 2", "weight: 0", "too_small"),
        ("weight: 2", "weight: heavy", "not_a_number"),
        ("places: 2", "places: 0", "too_small"),
        ("max_mb: 20", "max_mb: 900", "too_large"),
        ("allowed: [pdf, png]", "allowed: [pdf, exe]", "not_offered"),
        ("allowed: [pdf, png]", "allowed: []", "list_too_short"),
        ('["26", "38", "63", "69"]', '["26", "99"]', "bad_department"),
        ("slug: premices-2020", "slug: Prémices 2020", "bad_code"),
        ("[{code: idea, label: Idée}, {code: test, label: Test}]", "[]", "choices_missing"),
        ("kind: yes_no", "kind: yes_no, choices: [{code: a, label: A}]", "choices_unwanted"),
        ("{code: grap, name: GRAP,", "{code: grap, name: GRAP, person: jourlin,", "name_or_person"),
        ("kind: yes_no", "kind: yes_no, max: 3", "bounds_unwanted"),
        ("kind: number}", "kind: number, min: 3, max: 2}", "bounds_order"),
        ("kind: number}", "kind: number, max: -1}", "bounds_order"),
        ("kind: number}", "kind: number, max: 1e3}", "not_a_number"),
        ("kind: number}", "kind: number, max: 010}", "not_a_number"),
        ("kind: number}", "kind: number, max: 9999999999999}", "too_large"),
        ("due_on: 2020-12-15", "due_on: mi-décembre", "not_a_date"),
        ("  - {code: ur-scop, name", "  - *other\n  - {code: ur-scop, name", "yaml_alias"),
        ("  slug: premices\n", "  slug: premices\n  slug: premices\n", "key_twice"),
        ("organisations:", "organisations: [", "broken_yaml"),
        ("name: GRAP", "name: GR\x07AP", "broken_yaml"),
        ("format: essaim-programme/1", "format: essaim-programme/9", "not_offered"),
        ("  slug: premices\n", "  slug: network\n", "reserved_slug"),
        ("{code: grap,", "{code: [grap],", "not_a_text"),
        ("places: 2", "places: 99999999999999999999", "too_large"),
        ("2019-11-15 09:00", "0001-01-01 00:00", "far_time"),
        ("name: GRAP", r'name: "GR\0AP"', "unprintable"),
        ("  slug: premices\n", "  slug: premices\n  rules: chez nous\n", "bad_page_address"),
        ("  slug: premices\n", "  slug: premices\n  privacy: 'javascript:a'\n", "bad_page_address"),
        ("  slug: premices\n", "  slug: premices\n  contact: {}\n", "no_contact"),
        ("year: 2020", "year: 20200", "far_time"),
        ("name: GRAP", r'name: "GR\ud83dAP"', "unprintable"),
    ],
)  # fmt: skip
def test_a_mistake_in_the_file_is_named_with_its_line(before: str, after: str, code: str) -> None:
    wrong = PROGRAMME.replace(before, after, 1)
    assert wrong != PROGRAMME

    errors = errors_in(wrong)

    assert code in [error.why.code for error in errors]
    line = PROGRAMME[: PROGRAMME.index(before)].count("\n") + 1
    # A block may be named by the line it starts on, just above or below.
    assert any(abs(error.line - line) <= 9 for error in errors)


def test_an_unknown_key_is_named_with_its_exact_place() -> None:
    wrong = PROGRAMME.replace(QUESTION, "kind: long_text, obligatory: true")

    (error,) = errors_in(wrong)

    place = wrong.splitlines()[error.line - 1]
    assert place[error.column - 1 :].startswith("obligatory: true")
    assert error.path == "editions.0.calls.0.questions.0.obligatory"


def test_two_calls_with_one_slug_are_refused_on_the_second_one() -> None:
    call = PROGRAMME[
        PROGRAMME.index("      - slug: premices-2020") : PROGRAMME.index("    deliver")
    ]
    twice = PROGRAMME.replace("    deliverables:", f"{call}    deliverables:")

    slugs = [line for line, code in errors_of(twice) if code == "code_twice"]

    second = line_of(twice, "slug: premices-2020") + call.count("\n")
    assert slugs[0] == second


def test_two_long_slugs_that_start_alike_may_not_number_their_receipts_alike() -> None:
    call = PROGRAMME[
        PROGRAMME.index("      - slug: premices-2020") : PROGRAMME.index("    deliver")
    ]
    long = "appel-a-projets-innovation-sociale"
    call = call.replace("        receipt_prefix: PREM-2020\n", "")
    first, second = (call.replace("slug: premices-2020", f"slug: {long}-{n}") for n in (1, 2))
    both = PROGRAMME.replace("    deliverables:", f"{first}{second}    deliverables:")

    (error,) = errors_in(both)

    assert (error.line, error.why.code) == (line_of(both, f"slug: {long}-2"), "prefix_twice")


def test_a_quote_never_closed_is_named_where_it_opens() -> None:
    wrong = PROGRAMME.replace("title: Une dotation", 'title: "Une dotation')

    (error,) = errors_in(wrong)

    assert error.line == line_of(wrong, "Une dotation")


@pytest.mark.parametrize("text", ["", "# nothing yet", "- a\n- b\n", "Bonjour"])
def test_a_file_without_keys_says_how_one_starts(text: str) -> None:
    (error,) = errors_in(text)

    with speaking("candidatures", "fr") as french:
        assert "format: essaim-programme/1" in french.refusal(error.why)


def test_a_file_in_another_encoding_is_named_where_it_leaves_utf_8() -> None:
    latin = PROGRAMME.replace("GRAP", "GRÂP").encode().replace("Â".encode(), b"\xc2")

    (error,) = errors_in(latin)

    assert (error.line, error.why.code) == (line_of(PROGRAMME, "GRAP"), "not_utf8")


def test_a_programme_may_be_written_in_json_with_its_emojis() -> None:
    file = {
        "format": "essaim-programme/1",
        "programme": {"slug": "ami", "name": "Cœur de ville 🏙", "steward": "ville"},
        "organisations": [{"code": "ville", "name": "Ville", "commitments": ["steward"]}],
    }

    read = read_programme(json.dumps(file))

    assert read.file.programme.name == "Cœur de ville 🏙"


def test_every_error_is_told_at_once_in_the_order_of_lines() -> None:
    wrong = PROGRAMME.replace("name: Prémices.coop", "nom: Prémices.coop")
    wrong = wrong.replace("email: alix@example.org", "email: alix").replace(
        "weight: 3", "weight: -3"
    )

    codes = [code for _, code in errors_of(wrong)]

    assert codes == ["missing_key", "unknown_key", "bad_email", "too_small"]
    lines = [line for line, _ in errors_of(wrong)]
    assert lines == sorted(lines)


def test_an_error_speaks_french_and_english() -> None:
    wrong = PROGRAMME.replace("steward: ur-scop", "steward: nobody")
    (error,) = errors_in(wrong)

    with speaking("candidatures", "fr") as french:
        assert "n’est le code d’aucun" in french.refusal(error.why)
    with speaking("candidatures", "en") as english:
        assert "is the code of no item" in english.refusal(error.why)


def test_a_department_keeps_its_leading_zero() -> None:
    read = read_programme(PROGRAMME.replace('["26", "38", "63", "69"]', "[01, 2A, 38]"))

    assert read.file.programme.departments == ("01", "2A", "38")


@given(st.text(max_size=300))
def test_whatever_the_text_reading_it_answers_with_errors_and_their_lines(text: str) -> None:
    errors = errors_in(text)

    assert errors
    lines = max(1, len(text.splitlines()) + 1)
    assert all(1 <= error.line <= lines for error in errors)


@given(st.integers(0, len(PROGRAMME)), st.text(max_size=5))
def test_a_slip_of_the_keyboard_never_breaks_the_reader(place: int, typed: str) -> None:
    with suppress(WrongFile):
        read_programme(PROGRAMME[:place] + typed + PROGRAMME[place:])
