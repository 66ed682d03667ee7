from datetime import date, datetime
from typing import Annotated, Any, Literal

import pytest
from essaim.clock import PARIS
from essaim.refusal import Refusal
from essaim.text.file_check import FileFormat, check
from essaim.text.file_errors import WrongFile
from essaim.text.file_values import Day, Number, ParisTime, Whole, YesNo
from essaim.text.yaml_source import read_yaml
from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

FORMAT = FileFormat(
    "essaim-menu/1",
    "docs/menu.md",
    {"too_dear": lambda values: Refusal("too_dear", "{dish} coûte {price}.", **values)},
)


class Dish(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    name: Annotated[str, Field(min_length=1, max_length=10)]
    price: Annotated[Number, Field(gt=0)] = 1.0
    serves: Annotated[Whole, Field(ge=1, le=12)] = 1
    hot: YesNo = False


class Menu(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    format: Literal["essaim-menu/1"]
    day: Day | None = None
    served_at: ParisTime = datetime(2020, 1, 15, 18, tzinfo=PARIS)
    dishes: Annotated[tuple[Dish, ...], Field(min_length=1, max_length=2, strict=False)]

    @model_validator(mode="after")
    def _affordable(self) -> "Menu":
        for number, dish in enumerate(self.dishes):
            if dish.price > 100:
                context = {
                    "dish": dish.name,
                    "price": dish.price,
                    "at": ("dishes", number, "price"),
                }
                raise PydanticCustomError("too_dear", "too dear", context)
        return self


def read(text: str) -> Menu:
    return check(read_yaml(text), Menu, FORMAT)


def errors_of(text: str) -> list[tuple[str, int, int, str]]:
    """The code, line, column and path of each error."""
    with pytest.raises(WrongFile) as wrong:
        read(text)
    return [(one.why.code, one.line, one.column, one.path) for one in wrong.value.errors]


def menu(*dishes: str) -> str:
    return "format: essaim-menu/1\ndishes:\n" + "".join(f"  - {{{dish}}}\n" for dish in dishes)


def test_a_sound_file_is_its_model() -> None:
    text = menu("name: 2020, price: 1.5, serves: 12, hot: true") + "day: 2020-02-29\n"

    assert read(text) == Menu(
        format="essaim-menu/1",
        day=date(2020, 2, 29),
        dishes=(Dish(name="2020", price=1.5, serves=12, hot=True),),
    )


def test_a_model_reads_back_what_it_wrote() -> None:
    sound = read(menu("name: soup, price: 1.5, serves: 12, hot: true"))

    assert Menu.model_validate(sound.model_dump(mode="json", exclude={"served_at"})) == sound


@pytest.mark.parametrize(
    ("dish", "code", "value"),
    [
        *[(f"serves: {written}", "not_a_number", written) for written in (
            "007", "08", "010", "0x1f", "0o7", "1_000", "1:30", "7.0", "+7", "٣", "1e3", "three")],
        *[(f"price: {written}", "not_a_number", written) for written in (
            "01.5", "1.", ".5", ".inf", "NaN", "1e3", "'1,5'")],
        *[(f"hot: {written}", "not_a_bool", written) for written in (
            "yes", "no", "on", "Off", "True", "1", "y", "oui")],
        ("serves: 0", "too_small", "0"),
        ("serves: 13", "too_large", "13"),
        (f"serves: {'9' * 31}", "too_large", "9" * 31),
        (f"price: {'9' * 31}", "too_large", "9" * 31),
        ("price: 0", "too_small", "0"),
        ("serves: [2]", "not_a_number", "[…]"),
        ("serves: {a: b}", "not_a_number", "{…}"),
        ("serves: ", "not_a_number", "vide"),
        ("hot: ", "not_a_bool", "vide"),
    ],
)  # fmt: skip
def test_a_value_that_is_no_number_and_no_yes_is_named_as_it_is_written(
    dish: str, code: str, value: str
) -> None:
    with pytest.raises(WrongFile) as wrong:
        read(menu("name: soup", f"name: bread, {dish}"))

    (error,) = wrong.value.errors
    assert (error.why.code, error.line, error.why.values["value"]) == (code, 4, value.strip("'"))


@pytest.mark.parametrize(
    "day", ["2020-02-30", "15/01/2020", "2020-1-15", "20200115", "1579046400", "2020-01-15 18:00"]
)
def test_a_day_is_written_in_one_way(day: str) -> None:
    assert errors_of(menu("name: soup") + f"day: {day}\n") == [("not_a_date", 4, 6, "day")]


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("2020-01-15", "bad_local_time"),
        ("2020-01-15 18h00", "bad_local_time"),
        ("2020-01-15 25:00", "bad_local_time"),
        ("2020-01-15 18:00:00.5", "bad_local_time"),
        ("2020-01-15T18:00+01:00", "bad_local_time"),
        ("0001-01-01 00:00", "far_time"),
        ("2020-03-29 02:30", "time_skipped"),
        ("2020-10-25 02:30", "time_twice"),
        ("", "bad_local_time"),
        ("[a]", "bad_local_time"),
    ],
)
def test_an_hour_that_is_none_in_paris_is_refused(written: str, code: str) -> None:
    assert errors_of(menu("name: soup") + f"served_at: {written}\n") == [
        (code, 4, 12 if written else 11, "served_at")
    ]


@pytest.mark.parametrize("written", ["2020-07-15 18:00", "2020-07-15T18:00", "2020-07-15 18:00:00"])
def test_an_hour_is_that_of_paris(written: str) -> None:
    served_at = read(menu("name: soup") + f"served_at: {written}\n").served_at

    assert served_at.isoformat() == "2020-07-15T18:00:00+02:00"


def test_every_mistake_is_told_at_once_in_the_order_of_lines() -> None:
    text = """\
format: essaim-menu/2
dishes:
  - name: a soup much too long
    colour: red
  - {serves: 2}
"""

    assert errors_of(text) == [
        ("not_offered", 1, 9, "format"),
        ("text_too_long", 3, 11, "dishes.0.name"),
        ("unknown_key", 4, 5, "dishes.0.colour"),
        ("missing_key", 5, 5, "dishes.1.name"),
    ]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("format: essaim-menu/1\n", "missing_key"),
        ("format: essaim-menu/1\ndishes: soup\n", "not_a_list"),
        ("format: essaim-menu/1\ndishes: []\n", "list_too_short"),
        (menu("name: a", "name: b", "name: c"), "list_too_long"),
        ("format: essaim-menu/1\ndishes: [soup]\n", "not_a_group"),
        (menu("name: [soup]"), "not_a_text"),
        (menu("name: ''"), "empty_text"),
    ],
)
def test_the_shape_of_a_file_is_checked(text: str, code: str) -> None:
    assert [found for found, *_ in errors_of(text)] == [code]


@pytest.mark.parametrize("text", ["", "# nothing yet", "- a\n- b\n", "Bonjour"])
def test_a_file_without_keys_says_how_one_starts(text: str) -> None:
    with pytest.raises(WrongFile) as wrong:
        read(text)

    (error,) = wrong.value.errors
    assert (error.why.code, error.line) == ("file_without_keys", 1)
    assert "« format: essaim-menu/1 »" in str(error.why)


def test_a_rule_of_the_format_is_told_in_its_own_words_where_it_says() -> None:
    with pytest.raises(WrongFile) as wrong:
        read(menu("name: soup", "name: truffle, price: 200"))

    (error,) = wrong.value.errors
    assert (error.path, error.line, error.column) == ("dishes.1.price", 4, 28)
    assert str(error.why) == "truffle coûte 200.0."


def test_a_refused_file_is_a_refusal_for_each_of_its_lines() -> None:
    with pytest.raises(WrongFile) as wrong:
        read("dishes: []\n")

    told: list[Any] = [(one.field, one.status, str(one)) for one in wrong.value.all]
    assert told == [
        ("format", 422, "Ligne 1. Il manque « format » ici. Ajoutez la ligne « format: … »."),
        ("dishes", 422, "Ligne 1. « dishes » n’a pas assez d’éléments (minimum : 1)."),
    ]
