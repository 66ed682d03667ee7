"""What waits for somebody of what passes between people: hand-overs, completions, messages."""

from collections.abc import Iterator
from datetime import date, datetime, time

import sqlalchemy as sa
from essaim.clock import PARIS
from essaim.person import Person, Role
from essaim.text.languages import Tongue
from essaim_contracts.questions import ToDo

from candidatures import store


def handovers_to_do(
    db: sa.Connection, person: Person, today: date, tongue: Tongue
) -> Iterator[ToDo]:
    """Her agreement; what her programmes are asked to take over, or gave and hear nothing of."""
    _ = tongue
    for one in store.handover.proposed_to(db, person.id, _.language):
        text = _(
            "« {project} » : acceptez-vous qu’elle soit transmise à « {to} » ?",
            project=one.project,
            to=one.to,
        )
        page = f"/applications/{one.handover.application_id}#transmission"
        yield ToDo(text=text, button=_("Répondre"), page=page, by=end_of(one.handover.answer_by))
    mine = coordinated_by(db, person, today)
    if mine:
        yield from _to_propose(db, mine, _)
        yield from _offered(db, mine, today, _)


def _to_propose(db: sa.Connection, mine: list[str], tongue: Tongue) -> Iterator[ToDo]:
    _, left = tongue, store.handover.never_proposed(db, mine)
    for call in store.call.every(db) if left else ():
        if call.id in left:
            number, title = left[call.id], call.title.say(_.language)
            text = _.counted(
                "{number} candidature réorientée, à transmettre à qui l’accueillerait : {call}",
                "{number} candidatures réorientées, à transmettre à qui les accueillerait : {call}",
                number,
                call=title,
            )
            page = f"/calls/{call.slug}/applications?decision=reoriented"
            yield ToDo(text=text, button=_("Voir"), page=page)


def _offered(db: sa.Connection, mine: list[str], today: date, tongue: Tongue) -> Iterator[ToDo]:
    """What is to be taken over or declined, and what nobody answered in time."""
    _ = tongue
    for one in store.handover.offered(db, mine, _.language):
        is_late, day = one.handover.is_late(today), one.handover.answer_by
        receives = one.to_programme in mine
        if is_late:
            text = _(
                "« {project} », transmise à « {to} » : sans réponse depuis le {day}",
                project=one.project,
                to=one.to,
                day=day,
            )
        elif receives:
            text = _(
                "« {project} » vous est transmise pour « {to} » : à reprendre ou décliner",
                project=one.project,
                to=one.to,
            )
        else:
            continue
        page = f"/handovers/{one.handover.id}"
        yield ToDo(text=text, button=_("Ouvrir"), page=page, by=end_of(day))


def correspondence_to_do(
    db: sa.Connection, person: Person, today: date, tongue: Tongue
) -> Iterator[ToDo]:
    """What is asked of her applications, messages that were not read, completions that are late."""
    _ = tongue
    for asked, project in store.correction.of_bearer(db, person.id):
        if asked.open_until >= today:
            text = _("« {project} » : des compléments vous sont demandés", project=project)
            page = f"/applications/{asked.application_id}/correction"
            yield ToDo(text=text, button=_("Compléter"), page=page, by=end_of(asked.open_until))
    mine = coordinated_by(db, person, today)
    unread = store.note.unread_by_bearer(db, person.id)
    received = store.note.unread_in(db, mine) if mine else []
    for application_id, project in dict.fromkeys((*unread, *received)):
        text = _("« {project} » : un message attend votre réponse", project=project)
        page = f"/applications/{application_id}#messages"
        yield ToDo(text=text, button=_("Lire"), page=page)
    for asked, project in store.correction.late_in(db, mine, today) if mine else ():
        text = _("« {project} » : les compléments demandés ne sont pas venus", project=project)
        page = f"/applications/{asked.application_id}#complements"
        yield ToDo(text=text, button=_("Ouvrir"), page=page, by=end_of(asked.open_until))


def coordinated_by(db: sa.Connection, person: Person, today: date) -> list[str]:
    """The programmes she coordinates today; an operator all of them."""
    inside = {Role.COORDINATOR, Role.OPERATOR}
    slugs = [one.slug for one in store.programme.every(db)]
    return [slug for slug in slugs if person.holds(inside, today, slug)]


def end_of(day: date) -> datetime:
    return datetime.combine(day, time(23, 59, 59), PARIS)
