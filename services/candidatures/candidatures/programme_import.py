"""Brings a programme file into the database: all of it, or nothing and every error.

Ids come from the programme's slug and the codes of the file, so importing twice changes nothing
twice. What disappears from the file is kept: applications may depend on it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from essaim.clock import PARIS
from essaim.ids import stable_id
from essaim.people import directory
from essaim.person import Person, Role, RoleHeld
from essaim.refusal import Refusal
from essaim.work import Work
from essaim_contracts.candidatures import Commitment, PartnerJoined

from candidatures import store, tables
from candidatures.file_errors import FileError
from candidatures.programme_file import (
    CallEntry,
    OrganisationEntry,
    PersonEntry,
    ProgrammeFile,
    Read,
)
from candidatures.yaml_source import Path, Source


@dataclass(frozen=True)
class Change:
    """What an import adds or changes: `kind` and `code` as in the file."""

    kind: str
    code: str
    added: bool


@dataclass(frozen=True)
class ImportReport:
    """What was done, or would be; nothing when there are errors."""

    programme: str | None
    changes: tuple[Change, ...] = ()
    unchanged: int = 0
    errors: tuple[FileError, ...] = ()

    def as_json(self) -> dict[str, Any]:
        return {
            "programme": self.programme,
            "changes": [
                {"kind": one.kind, "code": one.code, "change": "added" if one.added else "changed"}
                for one in self.changes
            ],
            "unchanged": self.unchanged,
        }


@dataclass
class _Plan:
    """The rows and persons to save, the partners to announce, and what is wrong."""

    changes: list[Change] = field(default_factory=list)
    rows: list[tuple[sa.Table, dict[str, Any]]] = field(default_factory=list)
    people: list[Person] = field(default_factory=list)
    joined: list[PartnerJoined] = field(default_factory=list)
    errors: list[FileError] = field(default_factory=list)
    unchanged: int = 0


def import_programme(
    work: Work, read: Read, *, importer: Person | None = None, check: bool = False
) -> ImportReport:
    """Import a programme file; with `check`, only say what an import would do.

    The file is read before: thousands of lines take seconds, in which others must go on writing.

    `importer` is the person who asks; None is somebody at the command line, who may everything.

    Raises:
        Refusal: (403) the importer does not coordinate this programme, or gives away a role she
            cannot give.
    """
    if read.file is None or read.source is None:
        return ImportReport(None, errors=read.errors)
    slug = read.file.programme.slug
    if importer is not None:
        today = work.now.astimezone(PARIS).date()
        _refuse_importer(importer, read.file, store.find_programme(work.db, slug), today)
    plan = _plan(work, read.file, read.source)
    if plan.errors:
        errors = sorted(plan.errors, key=lambda error: (error.line, error.column))
        return ImportReport(slug, errors=tuple(errors))
    if not check:
        _save(work, slug, plan)
    return ImportReport(slug, tuple(plan.changes), plan.unchanged)


def _refuse_importer(importer: Person, file: ProgrammeFile, existing: Any, today: date) -> None:
    if importer.holds({Role.OPERATOR}, today):
        return
    slug = file.programme.slug
    if existing is None or not importer.holds({Role.COORDINATOR}, today, slug):
        raise Refusal(
            "not_your_programme",
            "Vous ne coordonnez pas le programme « {programme} ». "
            "Demandez l'import à sa coordination, ou à l'opérateur s'il est nouveau.",
            status=403,
            programme=slug,
        )
    if any(held.role == Role.OPERATOR for entry in file.people for held in entry.roles):
        raise Refusal(
            "operator_role",
            "Le rôle d'opérateur (operator) ne se donne que par l'opérateur. Enlevez-le du "
            "fichier.",
            status=403,
        )


def _save(work: Work, slug: str, plan: _Plan) -> None:
    for table, row in plan.rows:
        store.save_definition(work.db, table, row)
    for person in plan.people:
        work.share(person)
    for joined in plan.joined:
        work.tell(joined, programme=slug)


def _plan(work: Work, file: ProgrammeFile, source: Source) -> _Plan:
    plan = _Plan()
    slug = file.programme.slug
    today = work.now.astimezone(PARIS).date()
    people = _plan_people(plan, work.db, file, source)
    _plan_row(plan, work.db, tables.programme, _programme_row(file), "programme", slug)
    for entry in file.organisations:
        _plan_organisation(plan, work.db, slug, entry, people, today)
    for number, edition in enumerate(file.editions):
        edition_id = stable_id(slug, "edition", str(edition.number))
        row = {"id": edition_id, "programme": slug, "number": edition.number, "year": edition.year}
        _plan_row(plan, work.db, tables.edition, row, "edition", str(edition.number))
        for nth, call in enumerate(edition.calls):
            path: Path = ("editions", number, "calls", nth)
            row = _call_row(slug, edition_id, call)
            plan.errors += _call_errors(work.db, call, row, source, path)
            _plan_row(plan, work.db, tables.call, row, "call", call.slug)
        for due in edition.deliverables:
            row = {"edition_id": edition_id, "kind": due.kind.value, "due_on": due.due_on}
            row["label"] = due.label.model_dump()
            _plan_row(plan, work.db, tables.deliverable, row, "deliverable", due.kind.value)
        _plan_prizes(plan, work.db, file, number, source)
    return plan


def _plan_row(
    plan: _Plan, db: sa.Connection, table: sa.Table, row: dict[str, Any], kind: str, code: str
) -> bool:
    """Whether the row is new or changed; then it is to be saved."""
    before = store.stored(db, table, row)
    if before == row:
        plan.unchanged += 1
        return False
    plan.rows.append((table, row))
    plan.changes.append(Change(kind, code, added=before is None))
    return True


def _programme_row(file: ProgrammeFile) -> dict[str, Any]:
    head = file.programme
    return {
        "slug": head.slug,
        "name": head.name,
        "steward_id": stable_id(head.slug, "organisation", head.steward),
        "sectors": [choice.model_dump(mode="json") for choice in head.sectors],
        "heard_from": [choice.model_dump(mode="json") for choice in head.heard_from],
        "tracks": [choice.model_dump(mode="json") for choice in head.tracks],
        "departments": list(head.departments),
        "invented": file.invented or head.invented,
    }


def _plan_organisation(
    plan: _Plan,
    db: sa.Connection,
    slug: str,
    entry: OrganisationEntry,
    people: dict[str, UUID],
    today: date,
) -> None:
    row: dict[str, Any] = {
        "id": stable_id(slug, "organisation", entry.code),
        "programme": slug,
        "code": entry.code,
        "name": entry.name,
        "person_id": people.get(entry.person) if entry.person else None,
        "legal_form": entry.legal_form,
        "department": entry.department,
        "commitments": sorted({commitment.value for commitment in entry.commitments}),
        "invented": entry.invented,
    }
    told = ("name", "person_id", "legal_form", "commitments")
    before = store.stored(db, tables.organisation, row | {"joined_on": None})
    same = before is not None and all(before[name] == row[name] for name in told)
    row["joined_on"] = entry.joined_on or (before["joined_on"] if before and same else today)
    if not _plan_row(plan, db, tables.organisation, row, "organisation", entry.code):
        return
    if before is None or not same or before["joined_on"] != row["joined_on"]:
        plan.joined.append(
            PartnerJoined(
                organisation_id=row["id"],
                name=row["name"],
                person_id=row["person_id"],
                legal_form=row["legal_form"],
                commitments=tuple(Commitment(name) for name in row["commitments"]),
                joined_on=row["joined_on"],
            )
        )


# --- people


def _plan_people(
    plan: _Plan, db: sa.Connection, file: ProgrammeFile, source: Source
) -> dict[str, UUID]:
    """Plan the persons of a file; gives the id of each, by code."""
    slug = file.programme.slug
    known = store.people_of_file(db, slug)
    erased = directory.erased_ids(db)
    ids = {}
    for number, entry in enumerate(file.people):
        path: Path = ("people", number)
        person_id = _person_id(db, slug, entry, known)
        ids[entry.code] = person_id
        if {person_id, stable_id(slug, "person", entry.code)} & erased:
            plan.errors.append(_error(source, (*path, "code"), _erased(entry.code)))
            continue
        other = directory.find_person_by_email(db, entry.email) if entry.email else None
        if other is not None and other.id != person_id:
            plan.errors.append(_error(source, (*path, "email"), _taken(entry)))
            continue
        said = entry.model_dump(mode="json")
        before = known.get(entry.code)
        if before is not None and before.entry == said:
            plan.unchanged += 1
            continue
        row = {"programme": slug, "code": entry.code, "person_id": person_id, "entry": said}
        plan.rows.append((tables.programme_person, row))
        plan.changes.append(Change("person", entry.code, added=before is None))
        plan.people.append(_person(db, slug, person_id, entry, before.entry if before else None))
    return ids


def _person_id(db: sa.Connection, slug: str, entry: PersonEntry, known: dict[str, Any]) -> UUID:
    """The person of this code; else the one whose address this is; else a new one."""
    if entry.code in known:
        before: UUID = known[entry.code].person_id
        return before
    other = directory.find_person_by_email(db, entry.email) if entry.email else None
    return other.id if other else stable_id(slug, "person", entry.code)


def _person(
    db: sa.Connection, slug: str, person_id: UUID, entry: PersonEntry, before: Any
) -> Person:
    """The person as the file has her; roles she holds for other reasons stay."""
    existing = directory.find_person(db, person_id)
    gone = set(_roles(slug, PersonEntry.model_validate(before))) if before else set()
    new = tuple(_roles(slug, entry))
    kept = existing.roles if existing else ()
    others = tuple(held for held in kept if held not in gone and held not in new)
    return Person(
        id=person_id,
        name=entry.name,
        email=entry.email,
        phone=entry.phone,
        language=entry.language,
        roles=others + new,
    )


def _roles(slug: str, entry: PersonEntry) -> Iterator[RoleHeld]:
    for held in entry.roles:
        organisation = held.organisation
        yield RoleHeld(
            role=held.role,
            programme=slug,
            organisation_id=stable_id(slug, "organisation", organisation) if organisation else None,
            since=held.since,
            until=held.until,
        )


def _erased(code: str) -> Refusal:
    return Refusal(
        "person_erased",
        "« {person} » a demandé l'effacement de ses données. Enlevez cette personne du fichier.",
        person=code,
    )


def _taken(entry: PersonEntry) -> Refusal:
    return Refusal(
        "email_taken",
        "L'adresse {email} est celle d'une autre personne de l'annuaire. Corrigez l'une des deux.",
        email=entry.email,
    )


# --- calls and prizes


def _call_row(slug: str, edition_id: UUID, entry: CallEntry) -> dict[str, Any]:
    return {
        "id": stable_id(slug, "call", entry.slug),
        "edition_id": edition_id,
        "slug": entry.slug,
        "receipt_prefix": entry.prefix,
        "kind": entry.kind.value,
        "title": entry.title.model_dump(),
        "summary": entry.summary.model_dump() if entry.summary else None,
        "track_code": entry.track_code,
        "places": entry.places,
        "opens_at": entry.opens_at,
        "closes_at": entry.closes_at,
        "questions": [question.model_dump(mode="json") for question in entry.questions],
        "documents": [document.model_dump(mode="json") for document in entry.documents],
        "criteria": [criterion.model_dump(mode="json") for criterion in entry.criteria],
        "invented": entry.invented,
    }


_FROZEN_ONCE_OPEN = ("opens_at", "kind", "track_code", "receipt_prefix", "edition_id")


def _call_errors(
    db: sa.Connection, entry: CallEntry, row: dict[str, Any], source: Source, path: Path
) -> Iterable[FileError]:
    taken = store.call_taken(db, row["id"], entry.slug, entry.prefix)
    if taken is not None:
        yield _error(
            source,
            (*path, "slug"),
            Refusal(
                "call_taken",
                "Un autre appel, « {taken} », a déjà cette adresse « {slug} » ou ce préfixe de "
                "reçu « {prefix} ». Changez-les.",
                taken=taken,
                slug=entry.slug,
                prefix=entry.prefix,
            ),
        )
    before = store.stored(db, tables.call, row | {"opened_at": None, "closed_at": None})
    if before is None or before["opened_at"] is None:
        return
    frozen = _FROZEN_ONCE_OPEN + (("closes_at",) if before["closed_at"] else ())
    for key in frozen:
        if before[key] != row[key]:
            yield _error(
                source,
                (*path, key),
                Refusal(
                    "call_frozen",
                    "L'appel « {slug} » a ouvert : « {key} » ne change plus. "
                    "Remettez la valeur d'avant : {before}.",
                    slug=entry.slug,
                    key=key,
                    before=before[key],
                ),
            )


def _plan_prizes(
    plan: _Plan, db: sa.Connection, file: ProgrammeFile, number: int, source: Source
) -> None:
    slug, edition = file.programme.slug, file.editions[number]
    edition_id = stable_id(slug, "edition", str(edition.number))
    given = {prize.code: prize.given_with for prize in store.prizes_of(db, edition_id)}
    for nth, prize in enumerate(edition.prizes):
        row = {
            "id": stable_id(slug, "prize", f"{edition.number}/{prize.code}"),
            "edition_id": edition_id,
            "code": prize.code,
            "contributor_id": stable_id(slug, "organisation", prize.contributor),
            "kind": prize.kind.value,
            "title": prize.title,
            "value_eur": prize.value_eur,
            "invented": prize.invented,
        }
        changed = _plan_row(plan, db, tables.prize, row, "prize", prize.code)
        if changed and given.get(prize.code):
            why = Refusal(
                "prize_frozen",
                "La dotation « {prize} » est déjà donnée, avec « {trophy} » : elle ne change plus.",
                prize=prize.title,
                trophy=given[prize.code],
            )
            plan.errors.append(_error(source, ("editions", number, "prizes", nth), why))


def _error(source: Source, path: Path, why: Refusal) -> FileError:
    line, column = source.place_of(path)
    return FileError(line, column, ".".join(map(str, path)), why)
