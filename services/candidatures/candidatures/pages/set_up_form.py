"""A form that changes a part of a programme: how the file says what stands in its inputs.

An input is called as the path of its value below the part: `contact.email`, `label.fr`,
`roles.0.since`; so an error of the file stands beside its input.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import FormData

from candidatures.programme_export import Definition
from candidatures.set_up import code_for

SPARE_ROWS = 3
"""How many empty rows stand below those that are filled."""


@dataclass(frozen=True)
class Field:
    """One question of a form.

    `shape` is that of the macro `field`, or `line` and `paragraphs`, a text in French and English,
    `code`, one made of what is written, `answers`, the earlier answers that a question waits for,
    or `rows`, a list whose every element answers `rows`. `offers` names what may be chosen. `when`
    is the sort of answer it is asked for alone: see `candidatures.css`.
    """

    name: str
    label: str
    shape: str = "text"
    hint: str = ""
    required: bool = False
    offers: str = ""
    rows: tuple["Field", ...] = ()
    when: str = ""

    @property
    def is_coded(self) -> bool:
        """Whether its rows have codes, made of their labels."""
        return self.rows[:1] != () and self.rows[0].name == "label"


@dataclass(frozen=True)
class Form:
    """The form of a kind of part. `named` is the field a new part's code is made of.

    `below` are the lists of parts that have pages of their own.
    """

    title: str
    new: str
    fields: tuple[Field, ...]
    named: str = ""
    below: tuple[str, ...] = ()


# --- from inputs to the file


def read_part(form: FormData, asked: Form, before: Definition) -> Definition:
    """The part as its inputs say it now; what the form does not ask stays as it was."""
    part = dict(before)
    for field in asked.fields:
        said = _read(form, field, field.name)
        if field.shape == "checkboxes":
            said = _in_order(said, _value_in(before, field.name) or [])
        _put(part, field.name, said)
    return part


def _in_order(ticked: list[str], before: list[str]) -> list[str]:
    """What was ticked before stays in its order; the rest follows."""
    kept = [one for one in before if one in ticked]
    return kept + [one for one in ticked if one not in kept]


def _put(part: Definition, name: str, value: Any) -> None:
    above, _, last = name.rpartition(".")
    owner = dict(part.get(above, {})) if above else part
    if value in (None, "", [], {}):
        owner.pop(last, None)
    else:
        owner[last] = value
    if above:
        _put(part, above, owner or None)


def _read(form: FormData, field: Field, name: str) -> Any:
    if field.shape == "rows":
        return _read_rows(form, field, name)
    if field.shape in ("line", "paragraphs"):
        french, english = _text(form, f"{name}.fr"), _text(form, f"{name}.en")
        if english:
            return {"fr": french, "en": english}
        return french or ({"fr": ""} if field.required else None)
    if field.shape == "checkboxes":
        return [str(one) for one in form.getlist(name) if one]
    if field.shape == "answers":
        return _conditions([str(one) for one in form.getlist(name)])
    value = _text(form, name)
    if field.shape == "code":
        return code_for(value, ()) if value else ""
    if field.shape in ("decimal", "number"):
        return "".join(value.split()).replace(",", ".")
    return value.replace("T", " ") if field.shape == "datetime-local" else value


def _conditions(ticked: Iterable[str]) -> dict[str, list[str]]:
    """Which answers a question waits for, by the code of the earlier one: of `team=yes`."""
    found: dict[str, list[str]] = {}
    for one in ticked:
        code, _, answer = one.partition("=")
        found.setdefault(code, []).append(answer)
    return found


def _text(form: FormData, name: str) -> str:
    return str(form.get(name, "")).strip()


def _read_rows(form: FormData, field: Field, name: str) -> list[Definition]:
    """The filled rows. A new one gets a code where its kind has one."""
    rows: list[Definition] = []
    for nth in _rows_of(form, name):
        at = f"{name}.{nth}"
        row: Definition = {}
        for one in field.rows:
            _put(row, one.name, _read(form, one, f"{at}.{one.name}"))
        if row:
            code = {"code": _text(form, f"{at}.code")} if field.is_coded else {}
            rows.append({**code, **row})
    taken = {row.get("code", "") for row in rows}
    for row in rows:
        if row.get("code") == "":
            row["code"] = code_for(french_of(row.get("label", "")), taken)
            taken.add(row["code"])
    return rows


def _rows_of(form: FormData, name: str) -> list[int]:
    """The numbers of the rows that were sent: as many as there are, nothing is left out."""
    numbers = {one.removeprefix(f"{name}.").partition(".")[0] for one in form}
    return sorted(int(one) for one in numbers if re.fullmatch("[0-9]{1,6}", one))


def french_of(text: Any) -> str:
    """A text of the file in French."""
    return str(text["fr"] if isinstance(text, dict) else text)


# --- from the file to inputs


def inputs_of(part: Definition, asked: Form) -> dict[str, Any]:
    """What stands in each input, by its name."""
    values: dict[str, Any] = {}
    for field in asked.fields:
        _show(values, field, field.name, _value_in(part, field.name))
    return values


def _value_in(part: Definition, name: str) -> Any:
    here: Any = part
    for step in name.split("."):
        here = here.get(step) if isinstance(here, dict) else None
    return here


def _show(values: dict[str, Any], field: Field, name: str, value: Any) -> None:
    if field.shape == "rows":
        values[name] = len(value or [])
        for nth, row in enumerate(value or []):
            values[f"{name}.{nth}.code"] = row.get("code", "")
            for one in field.rows:
                _show(values, one, f"{name}.{nth}.{one.name}", row.get(one.name))
    elif field.shape == "answers":
        values[name] = [f"{code}={one}" for code, ones in (value or {}).items() for one in ones]
    elif field.shape in ("line", "paragraphs"):
        texts = value if isinstance(value, dict) else {"fr": value}
        values |= {f"{name}.{language}": texts.get(language) for language in ("fr", "en")}
    elif field.shape == "datetime-local" and value:
        values[name] = value.replace(" ", "T")
    else:
        values[name] = value


def differing(
    now: Mapping[str, Any], typed: Mapping[str, Any], asked: Form
) -> list[tuple[str, str]]:
    """What is kept where something else was typed, each with the label of its question."""
    found = []
    for field in asked.fields:
        for name, value in now.items():
            inside = name == field.name or name.startswith(f"{field.name}.")
            shown = ", ".join(value) if isinstance(value, list) else value
            if inside and isinstance(shown, str) and not name.endswith(".code"):
                found += [(field.label, shown)] if value != typed.get(name) else []
    return found
