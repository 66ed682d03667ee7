"""A programme set up in pages: one part of its file is added, changed, moved, taken out or copied.

A place names a part by the lists and keys that lead to it: `editions/2/calls/premices-2021`. What
comes of a change is checked as a whole, as a file is.
"""

import json
import re
from collections.abc import Collection, Iterator
from copy import deepcopy
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Any

from essaim import Refusal
from essaim.text.collation import search_words
from essaim.text.file_errors import Path

from candidatures.programme_export import Definition

KEYS = {
    "organisations": "code",
    "people": "code",
    "editions": "number",
    "calls": "slug",
    "eligibility": "code",
    "questions": "code",
    "documents": "code",
    "criteria": "code",
    "prizes": "code",
}
"""By which of its keys a part of each list is named."""

PARTS_OF_A_CALL = ("eligibility", "questions", "documents", "criteria")
"""What is put in order and taken out."""

LONGEST_CODE = 60
_DAYS_OF_A_YEAR = 364
"""Whole weeks: what was on a Friday stays on one."""


def path_of(definition: Definition, place: str) -> Path:
    """Where a part stands: `("editions", 1, "calls", 0)`; that of a list is no part.

    Raises:
        Refusal: (404) the programme has no such part.
    """
    if place == "programme":
        return ("programme",)
    steps, path = place.split("/"), Path(())
    here: Any = definition
    for kind, key in zip(steps[::2], steps[1::2], strict=False):
        found = here.get(kind, []) if kind in KEYS else []
        at = next((n for n, one in enumerate(found) if one[KEYS[kind]] == key), None)
        if at is None:
            raise unknown_part(place)
        path, here = (*path, kind, at), found[at]
    if not path or len(steps) % 2:
        raise unknown_part(place)
    return path


def part_at(definition: Definition, path: Path) -> Definition:
    here: Any = definition
    for step in path:
        here = here[step]
    part: Definition = here
    return part


def mark_of(part: Definition) -> str:
    """What a part looked like when it was shown: another mark, another content."""
    return sha256(json.dumps(part, sort_keys=True).encode()).hexdigest()[:20]


def with_part(definition: Definition, place: str, part: Definition, shown: str) -> Definition:
    """The definition in which a part says this.

    Raises:
        Refusal: (404) there is no such part; (409) somebody changed it since it was shown.
    """
    path = path_of(definition, place)
    if mark_of(part_at(definition, path)) != shown:
        raise part_changed()
    changed = deepcopy(definition)
    around: Any = part_at(changed, path[:-1])
    around[path[-1]] = part
    return changed


def with_new(definition: Definition, place: str, part: Definition) -> Definition:
    """The definition with one more part, last in its list: `editions/2/calls`."""
    changed = deepcopy(definition)
    _list_at(changed, place).append(part)
    above, _, kind = place.rpartition("/")
    if kind == "criteria":
        _score_in_a_round(part_at(changed, path_of(changed, above)), part["code"])
    return changed


def _score_in_a_round(call: Definition, code: str) -> None:
    """Where rounds say what they score, the last one scores a new criterion too."""
    rounds = call.get("rounds", [])
    if any(one.get("criteria") for one in rounds):
        rounds[-1]["criteria"] = [*rounds[-1].get("criteria", []), code]


def with_moved(definition: Definition, place: str, by: int, shown: str) -> Definition:
    """The definition in which a part stands `by` places further in its list; -1 is up."""
    changed = deepcopy(definition)
    parts, at = _in_list(changed, place, shown)
    parts.insert(min(max(at + by, 0), len(parts) - 1), parts.pop(at))
    return changed


def without(definition: Definition, place: str, shown: str) -> Definition:
    """The definition without a part of a call."""
    changed = deepcopy(definition)
    parts, at = _in_list(changed, place, shown)
    gone = parts.pop(at)
    call = part_at(changed, path_of(changed, "/".join(place.split("/")[:-2])))
    for one in call.get("rounds", []) if "/criteria/" in place else []:
        one["criteria"] = [code for code in one.get("criteria", []) if code != gone["code"]]
    return changed


def _in_list(definition: Definition, place: str, shown: str) -> tuple[list[Definition], int]:
    path = path_of(definition, place)
    if not is_removable(place):
        raise part_stays()
    if mark_of(part_at(definition, path)) != shown:
        raise part_changed()
    parts: Any = part_at(definition, path[:-1])
    return parts, int(path[-1])


def is_removable(place: str) -> bool:
    """Parts of a call are taken out; of all else others may depend, and it stays."""
    return place.split("/")[-2:-1] in ([kind] for kind in PARTS_OF_A_CALL)


def _list_at(definition: Definition, place: str) -> list[Definition]:
    above, _, kind = place.rpartition("/")
    if kind not in KEYS:
        raise unknown_part(place)
    owner = part_at(definition, path_of(definition, above)) if above else definition
    found: list[Definition] = owner.setdefault(kind, [])
    return found


def codes_at(definition: Definition, place: str) -> set[str]:
    """The codes taken in a list."""
    key = KEYS.get(place.rpartition("/")[2], "code")
    return {one[key] for one in _list_at(deepcopy(definition), place)}


def code_for(text: str, taken: Collection[str]) -> str:
    """A code made of the words of a text, which is none of those taken."""
    words = "-".join(re.findall("[a-z0-9]+", " ".join(search_words(text)))) or "x"
    code = words[:LONGEST_CODE].strip("-")
    for nth in range(2, len(taken) + 3):
        if code not in taken:
            break
        code = f"{words[: LONGEST_CODE - 4].strip('-')}-{nth}"
    return code


# --- a new edition is a copy of the last one


@dataclass(frozen=True)
class Copy:
    """The edition to come: dates are shifted so that its first call opens on `opens_on`."""

    number: int
    year: int
    opens_on: date


@dataclass(frozen=True)
class Moved:
    """A date of the last edition and what becomes of it. `what` is its key in the file."""

    title: str | Definition
    what: str
    before: str
    after: str


def next_edition(definition: Definition) -> Copy | None:
    """What a copy of the last edition would be, a year later; None when there is none."""
    last = _last(definition)
    if last is None:
        return None
    opened = _first_day(last)
    shifted = opened + timedelta(days=_DAYS_OF_A_YEAR)
    return Copy(int(last["number"]) + 1, int(last["year"]) + 1, shifted)


def _last(definition: Definition) -> Definition | None:
    editions = definition.get("editions", [])
    return max(editions, key=lambda one: int(one["number"]), default=None)


def _first_day(edition: Definition) -> date:
    days = [date.fromisoformat(value[:10]) for _, _, _, value in _dates(edition)]
    return min(days, default=date(int(edition["year"]), 1, 1))


def _dates(edition: Definition) -> Iterator[tuple[Definition, str | Definition, str, str]]:
    """Each date of an edition: where it is written, of what, under which key, and how."""
    for call in edition.get("calls", []):
        for key in ("opens_at", "closes_at"):
            yield call, call["title"], key, call[key]
        for one in call.get("rounds", []):
            if "due_on" in one:
                yield one, one.get("title", call["title"]), "due_on", one["due_on"]
    for due in edition.get("deliverables", []):
        yield due, due["label"], "due_on", due["due_on"]


def moved_dates(definition: Definition, copy: Copy) -> list[Moved]:
    """Every date of the last edition beside that of its copy."""
    last = _last(definition)
    if last is None:
        return []
    days = copy.opens_on - _first_day(last)
    return [
        Moved(title, key, value, _shifted(value, days)) for _, title, key, value in _dates(last)
    ]


def with_copy(definition: Definition, copy: Copy) -> Definition:
    """The definition with one more edition, like the last one: its calls, criteria, deliverables.

    Prizes are not copied: each is pledged again.
    """
    changed = deepcopy(definition)
    last = _last(changed)
    made: Definition = {"number": str(copy.number), "year": str(copy.year)}
    if last is not None:
        days = copy.opens_on - _first_day(last)
        taken = {call["slug"] for one in changed["editions"] for call in one.get("calls", [])}
        made |= {
            "calls": [
                _renewed(call, int(last["year"]), copy.year, taken)
                for call in deepcopy(last.get("calls", []))
            ],
            "deliverables": deepcopy(last.get("deliverables", [])),
        }
        for part, _, key, value in list(_dates(made)):
            part[key] = _shifted(value, days)
    changed.setdefault("editions", []).append(made)
    return changed


def _shifted(value: str, by: timedelta) -> str:
    if len(value) == len("2020-01-15"):
        return (date.fromisoformat(value) + by).isoformat()
    local = datetime.fromisoformat(value) + by
    return local.isoformat(" ", "seconds" if local.second else "minutes")


def _renewed(call: Definition, before: int, after: int, taken: Collection[str]) -> Definition:
    """A call of the next edition: where its title and address name the year, the new one."""
    slug = _year_in(call["slug"], before, after)
    call["slug"] = slug if slug not in taken else code_for(f"{slug} {after}", taken)
    call["title"] = _year_in(call["title"], before, after)
    call.pop("receipt_prefix", None)
    return call


def _year_in(text: Any, before: int, after: int) -> Any:
    if isinstance(text, dict):
        return {language: _year_in(one, before, after) for language, one in text.items()}
    return re.sub(rf"(?<!\d){before}(?!\d)", str(after), text)


# --- refusals


def unknown_part(place: str) -> Refusal:
    return Refusal(
        "unknown_part",
        "Ce programme n’a rien à cette adresse : « {place} ». Revenez à sa mise en place.",
        status=404,
        place=place,
    )


def part_changed() -> Refusal:
    return Refusal(
        "part_changed",
        "Quelqu’un a changé cette partie depuis que vous l’avez ouverte : rien n’est enregistré, "
        "et ce que vous avez écrit est encore là. Comparez avec ce qui est maintenant, puis "
        "enregistrez à nouveau.",
        status=409,
    )


def part_stays() -> Refusal:
    return Refusal(
        "part_stays",
        "Cette partie ne s’enlève pas et garde sa place : des candidatures ou d’autres parties "
        "peuvent en dépendre.",
        status=409,
    )
