"""What the JSON API answers: our values in the words of the glossary, ids as text."""

from collections.abc import Callable, Iterable
from dataclasses import asdict
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from essaim_contracts.scheduling import HourKind

from scheduling.attendance_sheet import Mark
from scheduling.cohort import Cohort, Project
from scheduling.hour_package import HourPackage
from scheduling.labels import reason_in_words
from scheduling.pairing import Pairing
from scheduling.progress import Progress
from scheduling.session import Session
from scheduling.store import Proposal
from scheduling.track import Track

Json = dict[str, Any]


def listed(items: Iterable[Json], total: int | None = None) -> Json:
    """What every list answers; `total` when the items are one page of more."""
    found = list(items)
    return {"items": found, "total": len(found) if total is None else total}


def track_view(track: Track) -> Json:
    """A track as its file says it, and the names of what its source does not say."""
    view: Json = track.model_dump(mode="json", exclude={"format"})
    return view | {"unknown": track.unknown}


def cohort_view(cohort: Cohort, *, with_projects: bool = False) -> Json:
    view = asdict(cohort)
    view["cohort_id"] = view.pop("id")
    view["projects"] = len(cohort.active)
    if with_projects:
        view["projects"] = [project_view(project) for project in cohort.projects]
    return view


def project_view(project: Project) -> Json:
    view = asdict(project)
    view["project_id"] = view.pop("id")
    return view


def proposal_view(proposal: Proposal) -> Json:
    return {"proposed_id": proposal.id} | asdict(proposal.proposed)


def session_view(session: Session) -> Json:
    """A session; `minutes` is its length as booked, `minutes_held` once held."""
    view = asdict(session)
    view["session_id"] = view.pop("id")
    view["half_days"] = [asdict(half_day) for half_day in session.half_days]
    return view | {"minutes": session.minutes}


def mark_view(mark: Mark) -> Json:
    view = asdict(mark)
    half_day: Json = view.pop("half_day")
    return view | half_day


def hours_view(package: HourPackage, planned: dict[HourKind, int], uses: list[Json]) -> Json:
    """A package; `minutes_planned` are of sessions to come of its kind, not yet used."""
    view = asdict(package)
    view["package_id"] = view.pop("id")
    return view | {
        "minutes_left": package.minutes_left,
        "minutes_planned": planned.get(package.kind, 0),
        "uses": uses,
    }


def use_view(use: sa.Row[Any]) -> Json:
    view = dict(use._mapping)
    del view["id"], view["package_id"]
    return view


def pairing_view(pairing: Pairing, _: Callable[..., str]) -> Json:
    """A pairing, with the reasons of its proposal in the reader's language."""
    view = asdict(pairing)
    view["pairing_id"] = view.pop("id")
    view["reasons"] = [
        asdict(reason) | {"text": reason_in_words(reason, _)} for reason in pairing.reasons
    ]
    return view


def progress_view(project_id: UUID, progress: Progress) -> Json:
    return {"project_id": project_id} | asdict(progress)
