"""What a change of a call does to the drafts that were begun: said before it is made."""

from collections import Counter
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, replace
from typing import Any

from essaim import Refusal
from essaim.text.languages import N_

from candidatures.application_form import fields_of, missing_fields
from candidatures.call import Call
from candidatures.field_reader import Content
from candidatures.programme_file import ProgrammeFile

Draft = tuple[Content, Set[str]]
"""What is written, and the codes of the documents handed in."""


@dataclass(frozen=True)
class DraftsChanged:
    """Fields of the form, each with how many drafts have more to say there, or lose words there."""

    before: Call
    after: Call
    more: Mapping[str, int]
    lost: Mapping[str, int]

    def as_json(self) -> dict[str, Any]:
        return {"call": self.after.slug, "more": dict(self.more), "lost": dict(self.lost)}


def changed_call(call: Call, file: ProgrammeFile) -> Call | None:
    """A call as a file has it, None where the file says nothing of its form anew."""
    entries = (one for edition in file.editions for one in edition.calls)
    entry = next((one for one in entries if one.slug == call.slug), None)
    if entry is None:
        return None
    after = replace(
        call,
        applicants=entry.applicants or call.applicants,
        eligibility=entry.eligibility,
        sections=entry.sections,
        questions=entry.questions_in_order,
        documents=entry.documents,
        sectors=file.programme.sectors,
        departments=file.programme.departments,
    )
    return None if after == call else after


def drafts_changed(before: Call, after: Call, drafts: Iterable[Draft]) -> DraftsChanged | None:
    """What a change does to drafts; None when it touches none of them."""
    more: Counter[str] = Counter()
    lost: Counter[str] = Counter()
    kept = set(fields_of(after))
    for content, documents in drafts:
        there = set(documents)
        missed = missing_fields(before, content, there)
        more.update(missing_fields(after, content, there) - missed)
        lost.update(name for name in fields_of(before) if name not in kept and content.get(name))
    if not more and not lost:
        return None
    return DraftsChanged(before, after, dict(more), dict(lost))


# --- refusals

_TOUCHES = N_(
    "Ce changement touche des brouillons commencés : lisez ce qu’il leur fait, puis confirmez. "
    "Rien n’est encore enregistré."
)


class ChangesDrafts(Refusal):
    """A change that drafts feel is made once whoever makes it has read what it does."""

    def __init__(self, effects: tuple[DraftsChanged, ...]) -> None:
        super().__init__("changes_drafts", _TOUCHES, status=409)
        self.effects = effects
