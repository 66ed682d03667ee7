"""The grid of a committee member as a form: what stands in it, and what it says."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from essaim.refusal import Refusals
from starlette.datastructures import FormData

from candidatures.call import Call
from candidatures.comment import WHOLE, Own, Written, mark
from candidatures.form import Criterion
from candidatures.scoring import Points, Seen, points_unfit

NOT_JUDGED = "none"
"""What a form says of a criterion that cannot be judged."""


@dataclass(frozen=True)
class Shown:
    """What stands in the fields of a grid, by criterion; `seen` are its hidden ones, by name."""

    chosen: Mapping[str, str]
    comments: Mapping[str, Written]
    seen: Mapping[str, str]


def shown_grid(
    call: Call, points: Points, own: Own, written: FormData | None, *, is_stale: bool
) -> Shown:
    """What is saved, with what she just wrote over it, where that was refused.

    Where it `is_stale`, what is saved is what she has seen from now on: a second save is meant.
    """
    saved = seen_fields(call.criteria, points, own)
    if written is None:
        return Shown(_chosen(points), own.comments, saved)
    given = _given(call, written)
    changed = {code: one for code, one in given.items() if one != written.get(f"seen-{code}", "")}
    comments = {
        code: one
        for code, one in comments_in(call, written).items()
        if mark(one) != written.get(f"mark-{code}", "")
    }
    seen = saved if is_stale else fields_seen(call, written)
    return Shown(_chosen(points) | changed, {**own.comments, **comments}, seen)


def seen_fields(criteria: Iterable[Criterion], points: Points, own: Own) -> dict[str, str]:
    """The hidden fields that say what is saved: points, and marks of comments."""
    codes = [one.code for one in criteria]
    saved = _chosen(points)
    return {f"seen-{code}": saved.get(code, "") for code in codes} | {
        f"mark-{code}": mark(own.comments.get(code)) for code in (WHOLE, *codes)
    }


def fields_seen(call: Call, form: FormData) -> dict[str, str]:
    """The same fields as a form brings them back."""
    codes = [one.code for one in call.criteria]
    names = [*(f"seen-{code}" for code in codes), *(f"mark-{code}" for code in (WHOLE, *codes))]
    return {name: str(form[name]) for name in names if name in form}


def fields_sent(call: Call, form: FormData) -> dict[str, str]:
    """The same fields once a form is saved: what it sent stands in it."""
    given, comments = _given(call, form), comments_in(call, form)
    sent = {f"seen-{one.code}": given.get(one.code, "") for one in call.criteria}
    sent |= {f"mark-{code}": mark(one) for code, one in comments.items()}
    return {name: sent.get(name, value) for name, value in fields_seen(call, form).items()}


def _chosen(points: Points) -> dict[str, str]:
    return {code: NOT_JUDGED if given is None else str(given) for code, given in points.items()}


def _given(call: Call, form: FormData) -> dict[str, str]:
    """What the form says of each criterion, as it was chosen; nothing where nothing was."""
    chosen = {one.code: str(form.get(f"points-{one.code}", "")) for one in call.criteria}
    return {code: value for code, value in chosen.items() if value}


def comments_in(call: Call, form: FormData) -> dict[str, Written]:
    """What the form says of each criterion that it shows, and of the whole."""
    codes = (WHOLE, *(one.code for one in call.criteria))
    return {
        code: Written(str(form[f"comment-{code}"]).strip(), f"private-{code}" in form)
        for code in codes
        if f"comment-{code}" in form
    }


def points_in(call: Call, form: FormData) -> dict[str, int | None]:
    """The points of a form, by criterion.

    Raises:
        Refusals: (422) something else than a number was given.
    """
    points: dict[str, int | None] = {}
    refusals = []
    scales = {one.code: one for one in call.criteria}
    for code, chosen in _given(call, form).items():
        read = _read(chosen)
        if read:
            points[code] = read[0]
        else:
            refusals.append(points_unfit(scales[code], chosen))
    if refusals:
        raise Refusals(refusals)
    return points


def seen_in(call: Call, form: FormData) -> Seen:
    """What stood in the form when she opened it."""
    codes = [one.code for one in call.criteria]
    seen = {code: _read(str(form.get(f"seen-{code}", ""))) for code in codes}
    marks = {code: str(form.get(f"mark-{code}", "")) for code in (WHOLE, *codes)}
    return Seen({code: one[0] for code, one in seen.items() if one}, marks)


def _read(chosen: str) -> tuple[int | None, ...]:
    """Points as a field writes them; nothing where it writes none."""
    if chosen == NOT_JUDGED:
        return (None,)
    is_whole = chosen.isascii() and chosen.isdecimal() and len(chosen) < 4
    return (int(chosen),) if is_whole else ()
