"""What waits for somebody here, as the first page of whoever comes in asks it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import cached_property

import sqlalchemy as sa
from essaim.clock import PARIS
from essaim.people import directory
from essaim.person import Person, Role
from essaim.text.languages import Tongue
from essaim_contracts.questions import ComesNext, ToDo, Waits
from essaim_contracts.words import DECISIONS

from candidatures import store
from candidatures.application import ApplicationState, OwnApplication
from candidatures.call import Call, CallState
from candidatures.deliverable_review import FileState
from candidatures.erasure import overdue
from candidatures.waiting_for import correspondence_to_do, handovers_to_do


@dataclass(frozen=True)
class _Asked:
    """Who asks, when, and in which language (`say`)."""

    db: sa.Connection
    person: Person
    now: datetime
    say: Tongue

    @property
    def today(self) -> date:
        return self.now.astimezone(PARIS).date()

    def is_in(self, programme: str, *roles: Role) -> bool:
        """Whether she has one of these roles there today; an operator has them everywhere."""
        wanted = {*roles, Role.OPERATOR} if Role.COORDINATOR in roles else set(roles)
        return self.person.holds(wanted, self.today, programme)

    @cached_property
    def calls(self) -> list[Call]:
        return store.call.every(self.db)


def what_waits(db: sa.Connection, person: Person, now: datetime, tongue: Tongue) -> Waits:
    """Her own applications and projects, and what the programme she works for asks of her."""
    asked = _Asked(db, person, now, tongue)
    mine = store.project.applications_of(db, directory.own_ids(db, person))
    to_do = [
        *_to_claim(asked, mine),
        *_to_hand_in(asked),
        *_to_score(asked),
        *_to_decide(asked),
        *_to_read(asked),
        *_to_deliver(asked),
        *_to_confirm(asked),
        *correspondence_to_do(db, person, asked.today, tongue),
        *handovers_to_do(db, person, asked.today, tongue),
    ]
    coming = [*_dates_of_calls(asked), *_answers_to_come(asked, mine)]
    return Waits(to_do=tuple(to_do[:50]), next=tuple(coming[:50]))


# --- whoever applied


def _to_claim(asked: _Asked, mine: list[OwnApplication]) -> Iterator[ToDo]:
    _ = asked.say
    for one in mine:
        if one.bearer_id != asked.person.id:
            text = _(
                "« {project} » a été envoyée avec votre adresse : est-ce la vôtre ?",
                project=one.project,
            )
            yield ToDo(text=text, button=_("Répondre"), page=f"/applications/{one.id}")


def _answers_to_come(asked: _Asked, mine: list[OwnApplication]) -> Iterator[ComesNext]:
    """Where each of her applications stands: who decides, and from when."""
    _, calls = asked.say, {call.slug: call for call in asked.calls}
    for one in mine:
        if one.state != ApplicationState.RECEIVED or one.bearer_id != asked.person.id:
            continue
        call = calls[one.slug]
        if one.decision is not None:
            text = _(
                "« {project} » ({number}) : {decision}",
                project=one.project,
                number=one.number,
                decision=_(DECISIONS[one.decision]),
            )
        elif call.state(asked.now) == CallState.OPEN:
            text = _(
                "« {project} » est reçue ({number}). L’appel ferme le {at}, puis le comité "
                "lit tous les dossiers.",
                project=one.project,
                number=one.number,
                at=call.closes_at,
            )
        else:
            text = _(
                "« {project} » est devant le comité ({number}). La réponse vous viendra par "
                "courriel.",
                project=one.project,
                number=one.number,
            )
        yield ComesNext(text=text, page=f"/applications/{one.id}")


def _to_hand_in(asked: _Asked) -> Iterator[ToDo]:
    """What her projects owe: to hand in, or to correct."""
    _ = asked.say
    for one in store.owed.by_bearer(asked.db, asked.person.id, asked.today):
        if not one.standing.is_hers:
            continue
        day = one.standing.due_on or one.deliverable.due_on
        said = {"what": one.deliverable.label.say(_.language), "project": one.project, "day": day}
        if one.standing.state == FileState.TO_CORRECT:
            text = _("{what} de « {project} », à corriger avant la fin du {day}", **said)
            button = _("Corriger")
        else:
            text = _("{what} de « {project} », à rendre avant la fin du {day}", **said)
            button = _("Déposer")
        page = f"/projects/{one.project_id}#rendus"
        yield ToDo(text=text, button=button, page=page, by=_end_of_day(day))


def _end_of_day(day: date) -> datetime:
    return datetime.combine(day, time(23, 59, 59), PARIS)


# --- the committee and the coordination


def _to_score(asked: _Asked) -> Iterator[ToDo]:
    _ = asked.say
    for call in asked.calls:
        if not call.criteria or not asked.is_in(call.programme, Role.COMMITTEE_MEMBER):
            continue
        if not store.assignment.is_begun(asked.db, call, asked.person.id):
            continue
        share = store.share.share_of(asked.db, call, asked.person)
        waiting = share.waiting
        title = call.title.say(_.language)
        if waiting:
            text = _.counted(
                "{number} dossier à noter : {call}",
                "{number} dossiers à noter : {call}",
                waiting,
                call=title,
            )
            yield ToDo(
                text=text,
                button=_("Noter"),
                page=f"/calls/{call.slug}/scoring",
                by=_end_of_day(share.due_on) if share.due_on else None,
            )


def _to_decide(asked: _Asked) -> Iterator[ToDo]:
    """Of each closed call of hers: what is not decided, decided and not applied, not formed."""
    _ = asked.say
    closed = [
        call
        for call in asked.calls
        if call.closed_at and asked.is_in(call.programme, Role.COORDINATOR)
    ]
    counted = store.outstanding.of_calls(asked.db, [call.id for call in closed])
    for call in closed:
        left, title = counted.get(call.id), call.title.say(_.language)
        if left is None:
            continue
        if left.undecided:
            text = _.counted(
                "{number} candidature sans décision préparée : {call}",
                "{number} candidatures sans décision préparée : {call}",
                left.undecided,
                call=title,
            )
            yield ToDo(
                text=text, button=_("Voir le classement"), page=f"/calls/{call.slug}/ranking"
            )
        if left.selected and not (left.prepared or left.undecided):
            text = _.counted(
                "{number} projet retenu, pas encore de promotion : {call}",
                "{number} projets retenus, pas encore de promotion : {call}",
                left.selected,
                call=title,
            )
            page = f"/calls/{call.slug}/cohort"
            yield ToDo(text=text, button=_("Former la promotion"), page=page)
        if left.prepared:
            text = _.counted(
                "{number} décision préparée, pas encore appliquée : {call}",
                "{number} décisions préparées, pas encore appliquées : {call}",
                left.prepared,
                call=title,
            )
            yield ToDo(text=text, button=_("Relire"), page=f"/calls/{call.slug}/decisions")


def _to_read(asked: _Asked) -> Iterator[ToDo]:
    """The files handed in that she coordinates and that nobody has read."""
    _ = asked.say
    waiting = store.owed.to_read(asked.db, asked.today)
    for cohort in store.cohort.every(asked.db) if waiting else ():
        count = waiting.get(cohort.id, 0)
        if count and asked.is_in(cohort.programme, Role.COORDINATOR):
            text = _.counted(
                "{number} dossier rendu à relire : {cohort}",
                "{number} dossiers rendus à relire : {cohort}",
                count,
                cohort=cohort.label,
            )
            page = f"/cohorts/{cohort.id}/files?state=to_review"
            yield ToDo(text=text, button=_("Relire"), page=page)


def _to_deliver(asked: _Asked) -> Iterator[ToDo]:
    """The prizes announced in her programme that are not handed over."""
    _ = asked.say
    waiting = store.trophy.undelivered(asked.db)
    for cohort in store.cohort.every(asked.db) if waiting else ():
        count = waiting.get(cohort.id, 0)
        if count and asked.is_in(cohort.programme, Role.COORDINATOR):
            text = _.counted(
                "{number} dotation annoncée, à remettre : {cohort}",
                "{number} dotations annoncées, à remettre : {cohort}",
                count,
                cohort=cohort.label,
            )
            page = f"/cohorts/{cohort.id}/trophies?state=awarded"
            yield ToDo(text=text, button=_("Ouvrir"), page=page)


def _to_confirm(asked: _Asked) -> Iterator[ToDo]:
    """Erasures that a partner has not confirmed for days."""
    _ = asked.say
    if not asked.person.holds({Role.COORDINATOR, Role.OPERATOR}, asked.today):
        return
    late = overdue(store.erasure.unconfirmed(asked.db), asked.now)
    if late:
        text = _.counted(
            "Un effacement de personne attend la réponse d’un partenaire",
            "{number} réponses de partenaires manquent à des effacements",
            len(late),
        )
        yield ToDo(text=text, button=_("Ouvrir"), page="/erasures")


def _dates_of_calls(asked: _Asked) -> Iterator[ComesNext]:
    """When the calls of her programmes open and close."""
    _, inside = asked.say, (Role.COORDINATOR, Role.COMMITTEE_MEMBER, Role.FUNDER)
    for call in asked.calls:
        at = call.next_date(asked.now)
        if at is None or not asked.is_in(call.programme, *inside):
            continue
        title = call.title.say(_.language)
        if call.state(asked.now) == CallState.OPEN:
            text = _.counted(
                "« {call} » ferme le {at} : {number} candidature reçue",
                "« {call} » ferme le {at} : {number} candidatures reçues",
                call.received,
                call=title,
                at=at,
            )
        else:
            text = _("« {call} » ouvre le {at}", call=title, at=at)
        yield ComesNext(text=text, page=f"/calls/{call.slug}/applications", at=at)
