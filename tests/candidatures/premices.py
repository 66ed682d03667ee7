"""A small programme in the manner of Prémices, and what people write to it."""

import json
from datetime import date, datetime, timedelta
from io import BytesIO
from typing import Any, TypeVar
from uuid import UUID

import sqlalchemy as sa
from candidatures import commands, store
from candidatures.call import Call
from candidatures.cohort import Asked
from candidatures.commands.draft import Door, Written
from candidatures.commands.quota import Source
from candidatures.committee import REASONS, Applied, Verdict
from candidatures.document import Document
from candidatures.programme_file import read_programme
from essaim.clock import SimulatedClock
from essaim.ids import new_id, stable_id
from essaim.keeping.tables import outbox
from essaim.person import Person
from essaim.running.runtime import Runtime
from essaim_contracts import Fact
from essaim_contracts.candidatures import ApplicantKind, CohortFormed, Decision
from essaim_contracts.fact import fact_type
from signing import SECRET

F = TypeVar("F", bound=Fact)

PROGRAMME = """\
format: essaim-programme/1
programme:
  slug: premices
  name: Prémices.coop
  steward: ur-scop
  sectors:
    - {code: catering, label: {fr: Restauration, en: Catering}}
    - {code: organic-farming, label: {fr: Agriculture biologique, en: Organic farming}}
  heard_from:
    - {code: newsletter, label: {fr: Lettre d’information, en: Newsletter}}
  departments: ["26", "38", "63", "69"]
  tracks: [{code: starter, label: "Starter, la couveuse"}]
organisations:
  - {code: ur-scop, name: UR Scop AURA, commitments: [steward, mentor]}
  - {code: grap, name: GRAP, legal_form: scic, commitments: [mentor, speaker]}
  - {code: jourlin, person: jourlin, commitments: [mentor]}
  - {code: miimosa, name: MIIMOSA, commitments: [speaker, contributor]}
people:
  - {code: ops, name: Oriane (fictive), email: ops@example.org, roles: [{role: operator}]}
  - code: alix
    name: Alix (fictive)
    email: alix@example.org
    roles: [{role: coordinator, organisation: ur-scop, since: 2019-01-01}]
  - code: basile
    name: Basile (fictif)
    email: basile@example.org
    roles: [{role: committee_member}]
  - code: chloe
    name: Chloé (fictive)
    email: chloe@example.org
    roles: [{role: committee_member}]
  - {code: firmin, name: Firmin (fictif), email: firmin@example.org, roles: [{role: funder}]}
  - {code: jourlin, name: Jeanne (fictive)}
editions:
  - number: 1
    year: 2020
    calls:
      - slug: premices-2020
        title: {fr: Appel Prémices 2020, en: Prémices call 2020}
        track_code: premices
        receipt_prefix: PREM-2020
        opens_at: 2019-11-15 09:00
        closes_at: 2020-01-15 18:00
        places: 2
        questions:
          - {code: idea, label: Votre projet, kind: long_text, required: true, max_length: 600}
          - {code: coop, label: "Déjà une coopérative ?", kind: yes_no}
          - code: stage
            label: Où en êtes-vous ?
            kind: choice
            choices: [{code: idea, label: Idée}, {code: test, label: Test}]
          - {code: people, label: "Combien êtes-vous ?", kind: number}
          - code: turnover
            label: Chiffre d’affaires envisagé
            kind: number
            min: -1000
            max: 5000000
            decimals: 2
            unit: €
        documents:
          - {code: summary, label: Résumé, required: true, allowed: [pdf, odt, docx], max_mb: 20}
          - {code: proof, label: Adhésion, allowed: [pdf, png]}
        criteria:
          - {code: ess, label: Appartenance à l’ESS, weight: 3, max_score: 5}
          - {code: maturity, label: Maturité, weight: 2, max_score: 5}
          - {code: autonomy, label: Autonomie, weight: 1, max_score: 5}
    deliverables:
      - {kind: final_file, label: Dossier, due_on: 2020-12-15}
    prizes:
      - {code: video, contributor: miimosa, kind: video, title: Une vidéo, value_eur: 3000}
      - {code: money, contributor: miimosa, kind: money, title: Une dotation, value_eur: 2000}
"""


OPEN = datetime.fromisoformat("2019-12-01T10:00:00+01:00")
CLOSING = datetime.fromisoformat("2020-01-15T18:00:00+01:00")

CONTENT = {
    "project_title": "Le Fournil des Cimes",
    "sector": "catering",
    "department": "38",
    "jobs_min": "2",
    "jobs_max": "4",
    "bearer_name": "Dora (fictive)",
    "bearer_email": "dora@example.org",
    "bearer_phone": "",
    "applicant_kind": "group",
    "organisation": "",
    "heard_from": "newsletter",
    "answer-idea": "Du pain de village, cuit au bois.",
}

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


def line_of(text: str, words: str) -> int:
    """The line, from 1, on which these words stand."""
    return text[: text.index(words)].count("\n") + 1


def the_call(runtime: Runtime) -> Call:
    with runtime.read() as db:
        call = store.call.find(db, "premices-2020")
    assert call is not None
    return call


def a_door(token: str, arrived_at: datetime) -> Door:
    """How a request comes to a draft from one place."""
    return Door(token, "fr", arrived_at, Source("192.0.2.1", SECRET))


def a_draft(runtime: Runtime, token: str = "t" * 30, **content: str) -> UUID:
    """A complete draft, its document uploaded. Its secret is `token`."""
    with runtime.work() as work:
        draft = commands.draft.save_form(
            work,
            the_call(runtime),
            a_door(token, work.now),
            Written(CONTENT | content, 0),
            added=[a_document(runtime)],
        )
    return draft.id


def a_document(runtime: Runtime, content: bytes = PDF, filename: str = "résumé.pdf") -> Document:
    """A summary that is on the disk, and that no row names yet."""
    kept = runtime.documents.keep(BytesIO(content), 100_000)
    return Document("summary", filename, "application/pdf", kept.size, kept.sha256)


def received(runtime: Runtime, nth: int = 1) -> UUID:
    """An application received from its own bearer."""
    title, email = f"Projet fictif {nth}", f"porteuse-{nth}@example.org"
    draft_id = a_draft(
        runtime,
        token=f"{nth:030d}",
        project_title=title,
        bearer_email=email,
        bearer_name=f"Porteuse {nth} (fictive)",
    )
    with runtime.work() as work:
        commands.application.submit(work, draft_id, work.now)
    return draft_id


def told(runtime: Runtime, *kinds: type[F]) -> list[F]:
    """The facts of these kinds in the outbox, in order."""
    return [fact for fact in all_told(runtime) if isinstance(fact, kinds)]


def all_told(runtime: Runtime) -> list[Fact]:
    """The facts in the outbox, in order."""
    with runtime.read() as db:
        rows = list(db.execute(sa.select(outbox).order_by(outbox.c.position)))
    facts = []
    for row in rows:
        kind = fact_type(json.loads(row.headers)["ce-type"])
        assert kind is not None
        facts.append(kind.read(row.body))
    return facts


def everything_told(runtime: Runtime) -> str:
    """Bodies and headers of all that left, as one text: to look for what must not be there."""
    with runtime.read() as db:
        rows: list[Any] = list(db.execute(sa.select(outbox.c.headers, outbox.c.body)))
    return "\n".join(f"{row.headers} {bytes(row.body).decode()}" for row in rows)


def a_call(programme: str = PROGRAMME) -> Call:
    """The first call of a programme file."""
    file = read_programme(programme).file
    entry = file.editions[0].calls[0]
    return Call(
        id=new_id(),
        programme="premices",
        edition_id=new_id(),
        edition_number=1,
        edition_year=2020,
        slug=entry.slug,
        programme_name=file.programme.name,
        receipt_prefix=entry.prefix,
        title=entry.title,
        kind=entry.kind,
        track_code=entry.track_code,
        places=entry.places,
        opens_at=entry.opens_at,
        closes_at=entry.closes_at,
        applicants=entry.applicants or tuple(ApplicantKind),
        charter=entry.charter,
        eligibility=entry.eligibility,
        sections=entry.sections,
        questions=entry.questions_in_order,
        documents=entry.documents,
        criteria=entry.criteria,
        sectors=file.programme.sectors,
        heard_from=file.programme.heard_from,
        departments=file.programme.departments,
        tracks=file.programme.tracks,
    )


CALL = a_call()


AFTER = CLOSING + timedelta(days=20)
START = date(2020, 2, 27)


def a_person(runtime: Runtime, code: str) -> Person:
    with runtime.work() as work:
        return commands.person.get(work, stable_id("premices", "person", code))


def prepare(
    runtime: Runtime,
    application_id: UUID,
    decision: Decision,
    rank: int | None = None,
    note: str | None = None,
) -> None:
    track = "starter" if decision == Decision.REORIENTED else None
    with runtime.work() as work:
        verdict = Verdict(decision, REASONS[decision][0], rank, track)
        commands.committee.prepare_decision(work, application_id, verdict, note)


def apply(runtime: Runtime, *, partial: bool = False, over_places: bool = False) -> Applied:
    actor = stable_id("premices", "person", "alix")
    with runtime.work(actor=actor) as work:
        return commands.committee.apply_prepared(
            work, "premices-2020", decided_on=None, partial=partial, over_places=over_places
        )


def decide_all(runtime: Runtime, four: list[UUID]) -> None:
    prepare(runtime, four[0], Decision.SELECTED)
    prepare(runtime, four[1], Decision.SELECTED)
    prepare(runtime, four[2], Decision.WAITING_LIST, rank=1)
    prepare(runtime, four[3], Decision.REFUSED, note="Le plan est celui de son cousin.")
    apply(runtime)


def form_cohort(runtime: Runtime) -> CohortFormed:
    with runtime.work() as work:
        return commands.cohort.form(work, "premices-2020", Asked("promotion 2020", START))


def project_of(runtime: Runtime, application_id: UUID) -> UUID:
    with runtime.read() as db:
        found = store.application.find(db, application_id)
    assert found is not None
    return found.project_id


def set_clock(runtime: Runtime, now: datetime) -> None:
    """Move the clock without doing what is due."""
    assert isinstance(runtime.clock, SimulatedClock)
    runtime.clock.set(now)
