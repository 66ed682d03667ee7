"""What a programme file adds to a programme and changes in it: all of it, or every error.

Ids come from the programme's slug and the codes of the file, so importing twice changes nothing
twice. What disappears from the file is kept: applications may depend on it.
"""

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from uuid import UUID

from essaim import Person, Refusal, Role
from essaim.ids import stable_id
from essaim.text.file_errors import FileError, Path, WrongFile
from essaim_contracts.candidatures import CallExtended, PartnerJoined

from candidatures.call_file import CallEntry
from candidatures.email_address import email_taken
from candidatures.file_links import error_in
from candidatures.partner import commitments_held, partner_joined
from candidatures.person import (
    identity_kept,
    is_of_one_programme,
    keeps_an_operator,
    last_operator,
    operator_role,
    reachable_operators,
    refuse_giver,
)
from candidatures.programme_file import (
    EditionEntry,
    OrganisationEntry,
    PersonEntry,
    ProgrammeFile,
    SoundFile,
)
from candidatures.programme_rows import (
    Key,
    Row,
    call_row,
    changed_identity,
    deliverable_row,
    edition_row,
    operator_roles,
    organisation_row,
    person_of,
    prize_row,
    programme_row,
)


@dataclass(frozen=True)
class Change:
    """What an import adds or changes: `kind` and `code` as in the file."""

    kind: str
    code: str
    added: bool


@dataclass(frozen=True)
class Known:
    """What an import finds: the rows of the programme, the directory, and what it may not touch.

    `people` are those the file may name, `filed` the programmes whose files name them, `by_email`
    those whose addresses it has, proved, and `operators` all who were ever one. `calls` are the
    slugs and receipt prefixes of all programmes, `given` the trophies of prizes given.
    """

    rows: Mapping[Key, Row]
    people: Mapping[UUID, Person]
    filed: Mapping[UUID, Set[str]]
    by_email: Mapping[str, Person]
    operators: Sequence[Person]
    erased: Set[UUID]
    calls: Mapping[UUID, tuple[str, str]]
    given: Mapping[UUID, str]


@dataclass
class Plan:
    """The rows and persons to save, the partners to announce, the calls that close later."""

    changes: list[Change] = field(default_factory=list)
    rows: list[tuple[str, Row]] = field(default_factory=list)
    people: list[Person] = field(default_factory=list)
    joined: list[PartnerJoined] = field(default_factory=list)
    extended: list[CallExtended] = field(default_factory=list)
    unchanged: int = 0


def refuse_importer(
    importer: Person, file: ProgrammeFile, known: Known, *, exists: bool, today: date
) -> None:
    """What a person's entry said before may stand there again, whoever imports it.

    Raises:
        Refusal: (403) the importer does not coordinate this programme, or gives away a role she
            cannot give.
    """
    if importer.holds({Role.OPERATOR}, today):
        return
    slug = file.programme.slug
    if not exists or not importer.holds({Role.COORDINATOR}, today, slug):
        raise not_your_programme(slug)
    for entry in file.people:
        before = known.rows.get(("person", slug, entry.code))
        if before is not None and PersonEntry.model_validate(before["entry"]) == entry:
            continue
        for held in entry.roles:
            refuse_giver(importer, held.role, slug, today)


def plan_import(sound: SoundFile, known: Known, today: date, *, by_operator: bool) -> Plan:
    """
    Raises:
        WrongFile: the file does not fit what is there, by all that does not.
    """
    planner = _Planner(sound, known, today, by_operator)
    planner.plan_all()
    if planner.errors:
        raise WrongFile(planner.errors)
    return planner.plan


def named_person_id(slug: str, entry: PersonEntry, known: Known) -> UUID:
    """The person of this code; else the one whose address this is; else a new one."""
    before = known.rows.get(("person", slug, entry.code))
    if before is not None:
        found: UUID = before["person_id"]
        return found
    other = known.by_email.get(entry.email) if entry.email else None
    return other.id if other else stable_id(slug, "person", entry.code)


class _Planner:
    """Compares a file with what is known, and gathers what to do and what is wrong."""

    def __init__(self, sound: SoundFile, known: Known, today: date, by_operator: bool) -> None:
        self.file, self.source = sound.file, sound.source
        self.slug = sound.file.programme.slug
        self.known, self.today, self.by_operator = known, today, by_operator
        self.plan = Plan()
        self.errors: list[FileError] = []

    def plan_all(self) -> None:
        for number, person in enumerate(self.file.people):
            self._person(person, ("people", number))
        self._keep_an_operator()
        self._row("programme", self.slug, (self.slug,), programme_row(self.file))
        for organisation in self.file.organisations:
            self._organisation(organisation)
        for number, edition in enumerate(self.file.editions):
            self._edition(edition, ("editions", number))

    def _refuse(self, path: Path, why: Refusal) -> None:
        self.errors.append(error_in(self.source, path, why))

    def _row(self, kind: str, code: str, key: Key, row: Row) -> bool:
        """Whether the row is new or changed; then it is to be saved."""
        before = self.known.rows.get((kind, *key))
        if before is not None and all(before[name] == value for name, value in row.items()):
            self.plan.unchanged += 1
            return False
        self.plan.rows.append((kind, row))
        self.plan.changes.append(Change(kind, code, added=before is None))
        return True

    def _person(self, entry: PersonEntry, path: Path) -> None:
        person_id = named_person_id(self.slug, entry, self.known)
        if {person_id, stable_id(self.slug, "person", entry.code)} & self.known.erased:
            self._refuse((*path, "code"), person_erased(entry.code))
            return
        other = self.known.by_email.get(entry.email) if entry.email else None
        if other is not None and other.id != person_id:
            self._refuse((*path, "email"), email_taken(entry.email))
            return
        before = self.known.rows.get(("person", self.slug, entry.code))
        said = entry.model_dump(mode="json")
        row = {"programme": self.slug, "code": entry.code, "person_id": person_id, "entry": said}
        if self._row("person", entry.code, (self.slug, entry.code), row):
            existing = self.known.people.get(person_id)
            last = PersonEntry.model_validate(before["entry"]) if before else None
            refusals = list(self._unchangeable(entry, last, existing))
            for name, why in refusals:
                self._refuse((*path, name), why)
            if not refusals:
                self.plan.people.append(person_of(self.slug, person_id, entry, last, existing))

    def _unchangeable(
        self, entry: PersonEntry, last: PersonEntry | None, existing: Person | None
    ) -> Iterator[tuple[str, Refusal]]:
        """What this file may not change, by key, of somebody who is not its programme's alone."""
        if not self.by_operator and operator_roles(entry) != operator_roles(last):
            yield "roles", operator_role()
        if existing is None or self._entered_alone(entry, existing):
            return
        for name in changed_identity(entry, last, existing):
            yield name, identity_kept(name, getattr(entry, name), existing.name)

    def _entered_alone(self, entry: PersonEntry, existing: Person) -> bool:
        """Whether files of this programme entered her, and nobody else has to do with her."""
        entered = existing.id == stable_id(self.slug, "person", entry.code)
        filed = self.known.filed.get(existing.id, set())
        return entered and is_of_one_programme(existing, self.slug, filed)

    def _keep_an_operator(self) -> None:
        after = {person.id: person for person in (*self.known.operators, *self.plan.people)}
        if keeps_an_operator(self.known.operators, after.values(), self.today):
            return
        gone = reachable_operators(self.known.operators, self.today)
        for number, entry in enumerate(self.file.people):
            lost = [one for one in gone if one.id == named_person_id(self.slug, entry, self.known)]
            if lost and lost[0] != after[lost[0].id]:
                self._refuse(("people", number), last_operator(lost[0].name))

    def _organisation(self, entry: OrganisationEntry) -> None:
        row = organisation_row(self.slug, entry)
        if entry.person is not None:
            named = next(one for one in self.file.people if one.code == entry.person)
            row["person_id"] = named_person_id(self.slug, named, self.known)
        before = self.known.rows.get(("organisation", row["id"]))
        told = ("name", "person_id", "legal_form")
        same = before is not None and all(before[name] == row[name] for name in told)
        same = same and before is not None and commitments_held(before) == commitments_held(row)
        since = before["joined_on"] if before and same else self.today
        row["joined_on"] = entry.joined_on or since
        changed = self._row("organisation", entry.code, (row["id"],), row)
        as_before = before and same and before["joined_on"] == row["joined_on"]
        known = bool(commitments_held(row) or (before and commitments_held(before)))
        if changed and known and not as_before:
            self.plan.joined.append(partner_joined(row, self.today))

    def _edition(self, edition: EditionEntry, path: Path) -> None:
        row = edition_row(self.slug, edition)
        self._row("edition", str(edition.number), (row["id"],), row)
        for nth, call in enumerate(edition.calls):
            self._call(call, call_row(self.slug, edition, call), (*path, "calls", nth))
        for due in edition.deliverables:
            row = deliverable_row(self.slug, edition, due)
            self._row("deliverable", row["kind"], (row["edition_id"], row["kind"]), row)
        for nth, prize in enumerate(edition.prizes):
            self._prize(prize_row(self.slug, edition, prize), (*path, "prizes", nth))

    def _call(self, entry: CallEntry, row: Row, path: Path) -> None:
        taken = call_taken(row["id"], entry, self.known.calls)
        if taken is not None:
            self._refuse((*path, "slug"), call_name_taken(entry, taken))
        before = self.known.rows.get(("call", row["id"]), {})
        for key in frozen_columns(before):
            if before[key] != row[key]:
                self._refuse((*path, key), call_frozen(entry, key, before[key]))
        if before.get("opened_at") and not before["closed_at"]:
            self._extend(entry, before, row, path)
        self._row("call", entry.slug, (row["id"],), row)

    def _extend(self, entry: CallEntry, before: Row, row: Row, path: Path) -> None:
        """An open call may close later, never earlier: people count on what was said."""
        if row["closes_at"] < before["closes_at"]:
            self._refuse((*path, "closes_at"), call_shortened(entry, before["closes_at"]))
        elif row["closes_at"] > before["closes_at"]:
            self.plan.extended.append(call_extended(entry, row, before["closes_at"]))

    def _prize(self, row: Row, path: Path) -> None:
        changed = self._row("prize", row["code"], (row["id"],), row)
        if changed and row["id"] in self.known.given:
            self._refuse(path, prize_frozen(row["title"], self.known.given[row["id"]]))


def call_extended(entry: CallEntry, row: Row, closed_before: datetime) -> CallExtended:
    return CallExtended(
        call_id=row["id"],
        edition_id=row["edition_id"],
        title=entry.title.fr,
        closed_before=closed_before,
        closes_at=entry.closes_at.astimezone(UTC),
    )


def call_taken(
    call_id: UUID, entry: CallEntry, calls: Mapping[UUID, tuple[str, str]]
) -> str | None:
    """The slug of another call that has this slug or this receipt prefix."""
    for other_id, (slug, prefix) in calls.items():
        if other_id != call_id and (slug == entry.slug or prefix == entry.prefix):
            return slug
    return None


def frozen_columns(before: Row) -> tuple[str, ...]:
    """What no longer changes in a call as it stands: nothing until it opened."""
    if not before or before["opened_at"] is None:
        return ()
    frozen = ("opens_at", "kind", "track_code", "receipt_prefix", "edition_id")
    return (*frozen, "closes_at") if before["closed_at"] else frozen


# --- refusals


def not_your_programme(slug: str) -> Refusal:
    return Refusal(
        "not_your_programme",
        "Vous ne coordonnez pas le programme « {programme} ». "
        "Demandez l’import à sa coordination, ou à l’opérateur s’il est nouveau.",
        status=403,
        programme=slug,
    )


def person_erased(code: str) -> Refusal:
    return Refusal(
        "person_erased",
        "« {person} » a demandé l’effacement de ses données. Enlevez cette personne du fichier.",
        person=code,
    )


def call_name_taken(entry: CallEntry, taken: str) -> Refusal:
    return Refusal(
        "call_taken",
        "Un autre appel, « {taken} », a déjà cette adresse « {slug} » ou ce préfixe de "
        "reçu « {prefix} ». Changez-les.",
        taken=taken,
        slug=entry.slug,
        prefix=entry.prefix,
    )


def call_frozen(entry: CallEntry, key: str, before: object) -> Refusal:
    return Refusal(
        "call_frozen",
        "L’appel « {slug} » a ouvert : « {key} » ne change plus. "
        "Remettez la valeur d’avant : {before}.",
        slug=entry.slug,
        key=key,
        before=before,
    )


def call_shortened(entry: CallEntry, closes_at: datetime) -> Refusal:
    return Refusal(
        "call_shortened",
        "L’appel « {slug} » est ouvert jusqu’au {at} : il peut fermer plus tard, jamais plus tôt.",
        slug=entry.slug,
        at=closes_at,
    )


def prize_frozen(prize: str, trophy: str) -> Refusal:
    return Refusal(
        "prize_frozen",
        "La dotation « {prize} » est déjà donnée, avec « {trophy} » : elle ne change plus.",
        prize=prize,
        trophy=trophy,
    )
