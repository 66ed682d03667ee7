"""What a programme becomes when a part of it is added or copied."""

from candidatures.set_up import Copy, code_for, moved_dates, next_edition, with_copy


def test_codes_are_made_of_words() -> None:
    assert code_for("L’Été à Die, 2021 !", ()) == "l-ete-a-die-2021"
    assert code_for("été", {"ete", "ete-2"}) == "ete-3"
    assert code_for("日本", ()) == "x"
    assert len(code_for("mot " * 40, ())) <= 60
    assert code_for("a" * 80, {"a" * 60}) == "a" * 56 + "-2"


def test_an_edition_without_dates_is_copied_too() -> None:
    bare = {"programme": {}, "editions": [{"number": "1", "year": "2020"}]}
    copy = next_edition(bare)
    assert copy is not None
    assert moved_dates(bare, copy) == []
    assert with_copy(bare, copy)["editions"][1] == {
        "number": "2",
        "year": "2021",
        "calls": [],
        "deliverables": [],
    }
    assert with_copy({}, Copy(1, 2020, copy.opens_on))["editions"] == [
        {"number": "1", "year": "2020"}
    ]
    assert next_edition({}) is None
