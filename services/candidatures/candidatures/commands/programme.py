"""Programme files, brought in; and programmes changed part by part, by the same rules."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from essaim import Person, Role, Work
from essaim.ids import stable_id
from essaim.people import directory
from essaim.text.yaml_source import Source

from candidatures import store
from candidatures.draft_change import (
    ChangesDrafts,
    DraftsChanged,
    changed_call,
    drafts_changed,
)
from candidatures.person import is_operator
from candidatures.programme import programme_exists, unknown_programme
from candidatures.programme_export import Definition, definition_of
from candidatures.programme_file import ProgrammeFile, SoundFile, sound_file
from candidatures.programme_import import Change as Changed
from candidatures.programme_import import Known, plan_import, refuse_importer
from candidatures.set_up_words import PAGE

Change = Callable[[Definition], Definition]
"""What a programme is to be, out of what it is."""


@dataclass(frozen=True)
class ImportReport:
    """What was done, or would be."""

    programme: str
    changes: tuple[Changed, ...]
    unchanged: int
    drafts: tuple[DraftsChanged, ...] = ()

    def as_json(self) -> dict[str, Any]:
        return {
            "programme": self.programme,
            "changes": [
                {"kind": one.kind, "code": one.code, "change": "added" if one.added else "changed"}
                for one in self.changes
            ],
            "unchanged": self.unchanged,
            "drafts": [one.as_json() for one in self.drafts],
        }


def import_programme(
    work: Work, sound: SoundFile, *, importer: Person | None = None, check: bool = False
) -> ImportReport:
    """Import a programme file; with `check`, only say what an import would do.

    The file is read before: thousands of lines take seconds, in which others must go on writing.

    `importer` is the person who asks; None is somebody at the command line, who may everything.

    Raises:
        Refusal: (403) the importer does not coordinate this programme, or gives away a role she
            cannot give.
        WrongFile: it does not fit what is there.
    """
    slug = sound.file.programme.slug
    by_operator = importer is None or importer.holds({Role.OPERATOR}, work.today)
    known = _known(work.db, sound.file)
    if importer is not None:
        exists = ("programme", slug) in known.rows
        refuse_importer(importer, sound.file, known, exists=exists, today=work.today)
    plan = plan_import(sound, known, work.today, by_operator=by_operator)
    drafts = tuple(_drafts_changed(work.db, sound.file)) if plan.changes else ()
    if not check:
        for kind, row in plan.rows:
            store.definition.save(work.db, kind, row)
        for person in plan.people:
            work.share(person)
        for fact in (*plan.joined, *plan.extended):
            work.tell(fact, programme=slug)
    return ImportReport(slug, tuple(plan.changes), plan.unchanged, drafts)


def _drafts_changed(db: sa.Connection, file: ProgrammeFile) -> Iterator[DraftsChanged]:
    """What a file does to the drafts of the calls of its programme, as they are now."""
    for call in store.call.every(db):
        if call.programme != file.programme.slug or call.closed_at is not None:
            continue
        after = changed_call(call, file)
        changed = after and drafts_changed(call, after, store.application.drafts_of(db, call.id))
        if changed:
            yield changed


def set_up(
    work: Work, slug: str, change: Change, person: Person, *, confirmed: bool = True
) -> ImportReport:
    """Change the programme as one of its pages asks, by the same rules as an import of its file.

    Raises:
        Refusal: (404) there is no such programme or part; (403) she does not coordinate it, or
            gives a role she cannot give; (409) somebody changed the part since it was shown.
        ChangesDrafts: it touches drafts, and that is not `confirmed`.
        WrongFile: the programme would not be sound.
    """
    store.programme.lock(work.db, slug)
    changed = change(definition(work.db, slug))
    report = import_programme(work, sound_file(Source(changed), PAGE), importer=person)
    if report.drafts and not confirmed:
        raise ChangesDrafts(report.drafts)
    return report


def start(work: Work, head: Definition, operator: Person) -> ImportReport:
    """Begin a programme with its name, its steward and who coordinates it.

    Raises:
        Refusal: (409) there is a programme of this slug; (403) she is no operator.
        WrongFile: the programme would not be sound.
    """
    sound = sound_file(Source(head), PAGE)
    if store.programme.find(work.db, sound.file.programme.slug) is not None:
        raise programme_exists(sound.file.programme.slug)
    return import_programme(work, sound, importer=operator)


def definition(db: sa.Connection, slug: str) -> Definition:
    """What is kept of a programme, in the shape of its file.

    Raises:
        Refusal: (404) there is no such programme.
    """
    found = definition_of(store.definition.rows_of(db, slug))
    if not found:
        raise unknown_programme(slug)
    return found


def _known(db: sa.Connection, file: ProgrammeFile) -> Known:
    slug = file.programme.slug
    rows = store.definition.rows_of(db, slug)
    emails = [entry.email for entry in file.people if entry.email]
    found = {email: directory.find_person_by_email(db, email) for email in emails}
    # Who is only said to have an address is not taken for who a coordinator means by it.
    by_email = {email: person for email, person in found.items() if person and person.email_proved}
    ids = {row["person_id"] for key, row in rows.items() if key[0] == "person"}
    ids |= {person.id for person in by_email.values()}
    ids |= {stable_id(slug, "person", entry.code) for entry in file.people}
    people = (directory.find_person(db, person_id) for person_id in ids)
    return Known(
        rows=rows,
        people={person.id: person for person in people if person is not None},
        filed=store.programme.filed(db, ids),
        by_email=by_email,
        operators=[one for one in directory.all_people(db) if is_operator(one)],
        erased=directory.erased_ids(db),
        calls=store.definition.call_names(db),
        given=store.definition.given_prizes(db),
    )
