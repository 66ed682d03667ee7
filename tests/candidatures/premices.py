"""A small programme in the manner of Prémices, and what people write to it."""

import json
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from candidatures import applying, store
from candidatures.call import Call
from essaim.keeping.tables import outbox
from essaim.running.runtime import Runtime
from essaim_contracts import Fact
from essaim_contracts.fact import fact_type

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

SIGNING = "a secret for tests"

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
        call = store.find_call(db, "premices-2020")
    assert call is not None
    return call


def a_draft(runtime: Runtime, token: str = "t" * 30, **content: str) -> UUID:
    """A complete draft, its document uploaded. Its secret is `token`."""
    from io import BytesIO

    from candidatures.form import FileType

    kept = runtime.documents.keep(BytesIO(PDF), 1000)
    with runtime.work() as work:
        draft = applying.save_draft(
            work,
            the_call(runtime),
            token,
            CONTENT | content,
            0,
            language="fr",
            arrived_at=work.now,
        )
        applying.add_document(work, draft.id, "summary", "résumé.pdf", FileType.PDF, kept)
    return draft.id


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
        applying.submit(work, draft_id, work.now)
    return draft_id


def told(runtime: Runtime, *kinds: type[Fact]) -> list[Fact]:
    """The facts in the outbox, of these kinds or of all, in order."""
    with runtime.read() as db:
        rows = list(db.execute(sa.select(outbox).order_by(outbox.c.position)))
    facts = []
    for row in rows:
        kind = fact_type(json.loads(row.headers)["ce-type"])
        assert kind is not None
        if not kinds or kind in kinds:
            facts.append(kind.read(row.body))
    return facts


def everything_told(runtime: Runtime) -> str:
    """Bodies and headers of all that left, as one text: to look for what must not be there."""
    with runtime.read() as db:
        rows: list[Any] = list(db.execute(sa.select(outbox.c.headers, outbox.c.body)))
    return "\n".join(f"{row.headers} {bytes(row.body).decode()}" for row in rows)
