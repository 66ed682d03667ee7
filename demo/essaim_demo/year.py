"""The year of a cohort: its days, godparents, appointments, progress, files and trophies."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from functools import partial
from itertools import groupby
from typing import Any

from essaim.person import Role

from essaim_demo.edition import (
    Appointments,
    AppointmentToHold,
    Awarding,
    Change,
    HandingIn,
    Progress,
    SessionToHold,
)
from essaim_demo.stage import Moment, NobodyIs, Stage, day_of, together

_API = "/scheduling/api"
_CANDIDATURES = "/candidatures/api"
_REMINDERS = (timedelta(days=7), timedelta(days=1))


def moments(stage: Stage) -> Iterator[Moment]:
    """All that the year's file says, in no order."""
    _, ngettext, year = stage._, stage._.plural, stage.edition.year
    for session in year.sessions:
        yield from _session(stage, session)
    if year.godparents is not None:
        count = len(year.godparents.offers)
        yield Moment(
            year.godparents.paired_at,
            _("les parrains et marraines sont choisis ({count})", count=count),
            partial(_pair_godparents, stage),
        )
    for series in year.appointments:
        yield from _appointments(stage, series)
    for progress in year.progress:
        count = sum(len(titles) for titles in progress.projects.values())
        words = _("le point est fait sur les projets ({count})", count=count)
        yield Moment(progress.reported_at, words, partial(_report, stage, progress))
    for handing in year.files:
        count = len(handing.projects)
        words = ngettext("{count} dossier remis", "{count} dossiers remis", count)
        yield Moment(
            handing.handed_in_at, words.format(count=count), partial(_hand_in, stage, handing)
        )
    for awarding in year.awards:
        count = len(awarding.trophies)
        words = ngettext("{count} trophée remis", "{count} trophées remis", count)
        yield Moment(
            awarding.awarded_at, words.format(count=count), partial(_award, stage, awarding)
        )


# --- sessions of the whole cohort


def _session(stage: Stage, session: SessionToHold) -> Iterator[Moment]:
    _ = stage._
    yield Moment(
        session.planned_at,
        _("« {title} » est mise au calendrier", title=session.title),
        partial(plan, stage, session),
    )
    for change in session.changes:
        words = (
            _("« {title} » a lieu ici : {place}", title=session.title, place=change.place)
            if change.mode is None
            else _("« {title} » change de forme", title=session.title)
        )
        yield Moment(change.at, words, partial(_change, stage, session, change))
    yield from _reminders(stage, session.title, session.planned_at, [session.starts_at])
    yield Moment(
        session.ends_at,
        _("« {title} » a eu lieu", title=session.title),
        partial(_hold, stage, session),
    )


def _reminders(
    stage: Stage, title: str, planned_at: datetime, starts: list[datetime]
) -> Iterator[Moment]:
    """The clock passes 7 days and 1 day before: notifications does the rest."""
    for before in _REMINDERS:
        at = max(starts) - before
        if at > planned_at:
            yield Moment(at, stage._("rappels pour « {title} »", title=title))


def plan(stage: Stage, session: SessionToHold) -> None:
    coordinator = stage.coordinator(day_of(session.planned_at))
    day = day_of(session.starts_at)
    speaking = [id for code in session.speakers for id in stage.who(Role.SPEAKER, day, code)]
    proposed = _proposals(stage, session.planned_at, session.kind)
    stage.sessions[session.title] = coordinator.post(
        f"{_API}/sessions",
        {
            "cohort_id": stage.cohort_id,
            "proposed_id": proposed[0]["proposed_id"] if proposed else None,
            "kind": session.kind,
            "title": session.title,
            "topics": session.topics,
            "starts_at": session.starts_at.isoformat(),
            "ends_at": session.ends_at.isoformat(),
            "mode": session.mode,
            "place": session.place,
            "host_id": stage.organisations[session.host] if session.host else None,
            "speaker_ids": [stage.organisations[code] for code in session.speakers],
            "participant_ids": speaking,
            "invited_roles": session.invited_roles,
        },
    )


def _proposals(stage: Stage, at: datetime, kind: str) -> list[dict[str, Any]]:
    """The sessions of a kind that the track proposes and nothing on the calendar answers yet."""
    path = f"{_API}/cohorts/{stage.cohort_id}/proposed-sessions"
    found = stage.coordinator(day_of(at)).get(path)["items"]
    return [one for one in found if one["kind"] == kind]


def _change(stage: Stage, session: SessionToHold, change: Change) -> None:
    coordinator = stage.coordinator(day_of(change.at))
    path = f"{_API}/sessions/{stage.sessions[session.title]['session_id']}"
    if change.mode is None:
        changed = coordinator.post(f"{path}/place", {"place": change.place})
    else:
        moved = {"mode": change.mode, "place": change.place, "reason": change.reason}
        changed = coordinator.post(f"{path}/move", moved)
    stage.sessions[session.title] = changed


def _hold(stage: Stage, session: SessionToHold) -> None:
    """Everybody convened is there, but the bearers of excused projects."""
    planned = stage.sessions[session.title]
    excused = {id for title in session.excused for id in stage.bearers[stage.project_id(title)]}
    marks = [
        {"person_id": id, "status": "excused" if id in excused else "present"}
        for id in planned["participant_ids"]
    ]
    stage.coordinator(day_of(session.ends_at)).post(
        f"{_API}/sessions/{planned['session_id']}/close",
        {"marks": marks, "headcount": session.headcount},
    )


# --- godparents


def _pair_godparents(stage: Stage) -> None:
    """The assignment proposes, the coordination confirms."""
    godparents, wishes = stage.edition.year.godparents, stage.edition.year.wishes
    if godparents is None:
        return
    coordinator = stage.coordinator(day_of(godparents.paired_at))
    offers = [
        {
            "organisation_id": stage.organisations[offer.organisation],
            "sector": offer.sector,
            "department": offer.department,
            "topics": offer.topics,
        }
        for offer in godparents.offers
    ]
    coordinator.put(
        f"{_API}/offers", {"programme": stage.programme, "kind": "godparent", "offers": offers}
    )
    wished = [
        {"project_id": stage.project_id(title), "topics": topics}
        for title, topics in wishes.items()
    ]
    coordinator.put(f"{_API}/wishes", {"wishes": wished})
    proposals = coordinator.post(
        f"{_API}/pairings/proposals", {"cohort_id": stage.cohort_id, "kind": "godparent"}
    )
    ids = [one["pairing_id"] for one in proposals["items"]]
    coordinator.post(f"{_API}/pairings/confirm", {"pairing_ids": ids})


# --- appointments of one project with one partner


def _appointments(stage: Stage, series: Appointments) -> Iterator[Moment]:
    """Planned all at once, held day by day."""
    _, length = stage._, timedelta(minutes=series.minutes)
    dated = _by_day(series)
    yield planned_together(stage, series)
    for _day, group in groupby(dated, key=lambda pair: day_of(pair[1].starts_at)):
        held = list(group)
        starts = [one.starts_at for _title, one in held]
        yield from _reminders(stage, series.title, series.planned_at, starts)
        yield Moment(
            max(starts) + length,
            _("« {title} » : {count} ont eu lieu", title=series.title, count=len(held)),
            partial(_hold_appointments, stage, series, held),
        )


Dated = tuple[str, AppointmentToHold]
"""A project's title and one of its appointments."""


def planned_together(stage: Stage, series: Appointments) -> Moment:
    _, dated = stage._, _by_day(series)
    return Moment(
        series.planned_at,
        _("« {title} » : {count} au calendrier", title=series.title, count=len(dated)),
        partial(_plan_appointments, stage, series, dated),
    )


def _by_day(series: Appointments) -> list[Dated]:
    dated = [(title, one) for title, some in series.with_projects.items() for one in some]
    return sorted(dated, key=lambda pair: pair[1].starts_at)


def _plan_appointments(stage: Stage, series: Appointments, dated: list[Dated]) -> None:
    proposed: dict[str, list[str]] = {}
    for proposal in _proposals(stage, series.planned_at, series.kind):
        proposed.setdefault(proposal["project_id"], []).append(proposal["proposed_id"])
    plans = [_appointment(stage, series, title, one, proposed) for title, one in dated]
    answer = stage.coordinator(day_of(series.planned_at)).post(
        f"{_API}/sessions/batch", {"sessions": plans}
    )
    for (title, one), session in zip(dated, answer["items"], strict=True):
        stage.sessions[_name(title, one)] = session


def _appointment(
    stage: Stage,
    series: Appointments,
    title: str,
    one: AppointmentToHold,
    proposed: dict[str, list[str]],
) -> dict[str, Any]:
    project_id = stage.project_id(title)
    open_proposals = proposed.get(project_id)
    return {
        "cohort_id": stage.cohort_id,
        "proposed_id": open_proposals.pop(0) if open_proposals else None,
        "kind": series.kind,
        "title": series.title,
        "topics": [one.topic] if one.topic else [],
        "starts_at": one.starts_at.isoformat(),
        "ends_at": (one.starts_at + timedelta(minutes=series.minutes)).isoformat(),
        "mode": series.mode,
        "provider_id": stage.organisations[one.by],
        "project_ids": [project_id],
        "participant_ids": _givers(stage, one),
    }


def _givers(stage: Stage, one: AppointmentToHold) -> list[str]:
    """Who acts for the partner of an appointment: its mentor, else its godparent."""
    day = day_of(one.starts_at)
    return (stage.who(Role.MENTOR, day, one.by) or stage.who(Role.GODPARENT, day, one.by))[:1]


def _hold_appointments(stage: Stage, series: Appointments, held: list[Dated]) -> None:
    """Each partner closes the sheet of its own appointment."""

    def hold(dated: Dated) -> None:
        title, one = dated
        givers = _givers(stage, one)
        if not givers:
            raise NobodyIs(
                f"Nobody acts for {one.by} as a mentor or godparent: see programme.yaml."
            )
        session = stage.sessions[_name(title, one)]
        marks = [{"person_id": id, "status": "present"} for id in session["participant_ids"]]
        stage.voice(givers[0]).post(
            f"{_API}/sessions/{session['session_id']}/close", {"marks": marks}
        )

    together(hold, held)


def _name(title: str, one: AppointmentToHold) -> str:
    return f"{title} {one.starts_at.isoformat()}"


# --- projects


def _report(stage: Stage, progress: Progress) -> None:
    coordinator = stage.coordinator(day_of(progress.reported_at))
    for status, title in _pairs(progress.projects):
        expected_on = progress.expected_on.get(status)
        coordinator.post(
            f"{_API}/projects/{stage.project_id(title)}/progress",
            {
                "status": status,
                "legal_form": progress.legal_forms.get(title),
                "expected_on": expected_on.isoformat() if expected_on else None,
            },
        )


def _pairs(by_status: dict[str, tuple[str, ...]]) -> Iterable[tuple[str, str]]:
    return ((status, title) for status, titles in by_status.items() for title in titles)


def _hand_in(stage: Stage, handing: HandingIn) -> None:
    """Each bearer hands in the file of her project."""
    for title in handing.projects:
        project_id = stage.project_id(title)
        bearer = stage.voice(stage.bearers[project_id][0])
        content = f"%PDF-1.7\n% Dossier fictif de « {title} »\n%%EOF\n".encode()
        bearer.put_file(
            f"{_CANDIDATURES}/projects/{project_id}/deliverables/{handing.kind}",
            "dossier.pdf",
            content,
            "application/pdf",
        )


def _award(stage: Stage, awarding: Awarding) -> None:
    today = day_of(awarding.awarded_at)
    coordinator = stage.coordinator(today)
    for trophy in awarding.trophies:
        coordinator.post(
            f"{_CANDIDATURES}/trophies",
            {
                "project_id": stage.project_id(trophy.project),
                "title": trophy.title,
                "awarded_on": today.isoformat(),
                "prizes": trophy.prizes,
            },
        )
