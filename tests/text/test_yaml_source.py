import json

import pytest
import yaml
from essaim.text.file_errors import WrongFile
from essaim.text.languages import tongue_of
from essaim.text.yaml_source import DEEPEST, read_yaml
from hypothesis import given
from hypothesis import strategies as st

TRACK = """\
format: essaim-track/1
code: petit
"""


def refused(written: str | bytes) -> tuple[str, int, int]:
    """The code of what is refused, its line and its column."""
    with pytest.raises(WrongFile) as wrong:
        read_yaml(written)
    (error,) = wrong.value.errors
    return error.why.code, error.line, error.column


@pytest.mark.parametrize(
    "written",
    ["007", "08", "010", "0x1f", "1_000", "1:30", "yes", "no", "on", "Off", "true", "1.5", ".inf",
     "2020-01-15", "2020-01-15 18:00", "01", "2A", "<<", "="],
)  # fmt: skip
def test_a_value_without_quotes_stays_as_it_is_written(written: str) -> None:
    assert read_yaml(f"value: {written}\n").data == {"value": written}


@pytest.mark.parametrize("nothing", ["", "~", "null", "Null", "NULL"])
def test_only_nothing_is_read_as_nothing(nothing: str) -> None:
    assert read_yaml(f'a: {nothing}\nb: "null"\n').data == {"a": None, "b": "null"}


@pytest.mark.parametrize(
    ("added", "code", "line", "column"),
    [
        ("goal: &g x\nnote: *g\n", "yaml_alias", 4, 7),
        ("goals:\n  - *other\n", "yaml_alias", 4, 5),
        ("note: !!python/object:os.system x\n", "yaml_tag", 3, 7),
        ("note: !!int '7'\n", "yaml_tag", 3, 7),
        ("note: !own x\n", "yaml_tag", 3, 7),
        ("goal: [1, 2\n", "broken_yaml", 3, 7),
        ("goal: " + "[" * 30 + "]" * 30 + "\n", "too_deep", 3, 6 + DEEPEST),
        ("goal: " + "{" * 3000, "too_deep", 3, 6 + DEEPEST),
        ('goal: "a\\0b"\n', "unprintable", 3, 7),
        ('goal: "a\\ud83db"\n', "unprintable", 3, 7),
        ("goal: a\x07b\n", "broken_yaml", 3, 8),
        ('goal: "never closed\nnote: x\n', "broken_yaml", 3, 7),
        ("\tgoal: x\n", "broken_yaml", 3, 1),
        ("code: autre\n", "key_twice", 3, 1),
        ('"code": autre\n', "key_twice", 3, 1),
        ("[a, b]: x\n", "bad_key", 3, 1),
        ("---\nother: document\n", "broken_yaml", 3, 1),
    ],
)
def test_what_is_not_read_is_named_with_its_place(
    added: str, code: str, line: int, column: int
) -> None:
    assert refused(TRACK + added) == (code, line, column)


def test_a_short_text_of_endless_elements_is_refused_where_it_grows_too_long(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("essaim.text.yaml_source.MOST_TOKENS", 50)

    assert refused(TRACK + "goal: [" + "1," * 40 + "1]")[0] == "file_too_long"


def test_a_file_in_another_encoding_is_named_where_it_leaves_utf_8() -> None:
    text = TRACK.encode() + "goal: réussir\n".encode("latin-1")

    assert refused(text) == ("not_utf8", 3, 8)
    assert refused(b"\xef\xbb\xbf" + text) == ("not_utf8", 3, 8)


def test_the_mark_that_windows_puts_before_a_text_is_no_part_of_it() -> None:
    with_mark = "\ufeffcode: petit\n"

    assert read_yaml(with_mark.encode()).data == {"code": "petit"}
    assert read_yaml(with_mark).data == {"code": "petit"}


def test_a_file_too_long_is_refused_with_its_length() -> None:
    with pytest.raises(WrongFile) as wrong:
        read_yaml("#" * 201, longest=200)

    assert wrong.value.errors[0].why.values == {"count": 201, "most": 200}


def test_a_value_is_placed_where_it_starts_and_a_key_where_it_stands() -> None:
    source = read_yaml("calls:\n  - slug: a\n    places: 2\n")

    assert source.place_of(("calls", 0, "places")) == (3, 13)
    assert source.place_of(("calls", 0, "places"), key=True) == (3, 5)


def test_what_is_not_written_is_placed_at_the_nearest_thing_around_it() -> None:
    source = read_yaml("calls:\n  - slug: a\n")

    assert source.place_of(("calls", 0, "opens_at")) == (2, 5)
    assert source.place_of(("people", 3)) == (1, 1)


def test_a_file_may_be_written_in_json_with_its_emojis() -> None:
    document = {"name": "Essaim 🐝", "version": 1, "open": True, "goal": None, "tags": ["a"]}

    read = read_yaml(json.dumps(document))

    assert read.data == {**document, "version": "1", "open": "true"}


def test_an_error_names_its_line_in_both_languages() -> None:
    with pytest.raises(WrongFile) as wrong:
        read_yaml(TRACK + "code: autre\n")

    french, english = tongue_of("essaim", "fr"), tongue_of("essaim", "en")
    assert french.refusal(wrong.value) == (
        "Ligne 3. La clé «\N{NO-BREAK SPACE}code\N{NO-BREAK SPACE}» est déjà écrite ligne 2. "
        "Enlevez l’une des deux."
    )
    assert english.refusal(wrong.value) == (
        "Line 3. The key “code” is already written on line 2. Remove one of the two."
    )


def places_of(written: str) -> list[int]:
    """The lines a text is refused at, none when it is read."""
    try:
        read_yaml(written)
    except WrongFile as wrong:
        return [error.line for error in wrong.errors]
    return []


@given(st.text(max_size=300))
def test_any_text_is_read_or_refused_at_a_line_it_has(text: str) -> None:
    assert all(1 <= line <= len(text.splitlines()) + 1 for line in places_of(text))


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=20),
        lambda inner: (
            st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4)
        ),
        max_leaves=10,
    )
)
def test_what_a_program_wrote_is_read_or_refused_at_a_line_it_has(document: object) -> None:
    text = yaml.safe_dump(document, allow_unicode=True)

    assert all(1 <= line <= text.count("\n") + 1 for line in places_of(text))
