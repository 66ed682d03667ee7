"""What a template looks like, filled with invented values."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from essaim.ids import new_id
from essaim.observing.tracing import current_origin
from essaim.refusal import Refusal

from notifications import correspondence, final_file, notice, session, webhook, writing
from notifications.letters.invitation import Attendee
from notifications.letters.letter import Letter, Parts, Sender, parts
from notifications.letters.text import write
from notifications.message import LANGUAGES, Template

READER = "Maëlle Çelik"
ADDRESS = "maelle.celik@exemple.example"
"""Who reads the previews. She does not exist."""

_LINK = {
    "url": "http://127.0.0.1:8000/candidatures/",
    "call_title": "Prémices 2020 : entreprendre en coopérative",
}
SAMPLES = {
    **notice.SAMPLES,
    **correspondence.SAMPLES,
    **webhook.SAMPLES,
    **session.SAMPLES,
    **writing.SAMPLES,
    **final_file.SAMPLES,
    Template.SIGN_IN_LINK: {"": _LINK},
    Template.DRAFT_LINK: {"": _LINK},
    Template.HANDOVER_LINK: {
        "": {"url": _LINK["url"], "programme_name": "Prémices.coop", "answer_by": "2020-03-01"}
    },
    Template.DRAFT_REMINDER: {
        "": _LINK | {"closes_at": "2020-01-15T18:00:00+01:00", "missing": ["CV", "Statuts"]}
    },
    Template.WATCH_LINK: {"": {"url": _LINK["url"], "programme_name": "Prémices.coop"}},
    Template.CALL_OPENED: {
        "": _LINK | {"closes_at": "2020-01-15T18:00:00+01:00", "programme_name": "Prémices.coop"}
    },
    Template.ADDRESS_LINK: {"": _LINK},
    Template.ADDRESS_NOTICE: {"": _LINK},
}
"""What every template looks like, by case; each stands beside what writes it in earnest."""


@dataclass(frozen=True)
class Preview:
    """A message as its reader would get it. `case` is empty for a template with one text."""

    template: Template
    case: str
    language: str
    subject: str
    parts: Parts


def preview(
    template: str,
    case: str | None,
    language: str,
    sender: Sender,
    now: datetime,
    own: Mapping[str, str] | None = None,
) -> Preview:
    """Fill a template. Without a case, its first one is shown. `own` are a programme's own texts.

    Raises:
        Refusal: there is no such template, case or language.
    """
    if template not in set(Template) or language not in LANGUAGES:
        raise unknown_template(template, language)
    cases = SAMPLES[Template(template)]
    case = next(iter(cases)) if case is None else case
    if case not in cases:
        raise unknown_template(f"{template}/{case}", language)
    details = cases[case]
    text = write(Template(template), language, READER, details, own)
    letter = Letter(
        id=new_id(),
        template=template,
        recipient_id=None,
        to=Attendee(READER, ADDRESS),
        language=language,
        text=text,
        attempts=1,
        origin=current_origin(),
        link=details.get("url"),
        session=details if "session_id" in details else None,
        page=details.get("page"),
        programme=details.get("programme_name"),
        programme_page=details.get("programme_page"),
    )
    shown = parts(letter, sender, now)
    return Preview(Template(template), case, language, text.subject, shown)


def unknown_template(template: str, language: str) -> Refusal:
    return Refusal(
        "unknown_template",
        "Il n’y a pas de modèle « {template} » dans la langue « {language} ».",
        status=404,
        template=template,
        language=language,
    )
