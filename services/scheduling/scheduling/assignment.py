"""Proposes who could accompany whom: the best total fit, with the reasons for each pair."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from uuid import UUID

SECTOR, DEPARTMENT, TOPICS, LOAD = 40, 25, 25, 10
"""Points for the same sector, the same department, every wanted topic, and free hands: 100."""

Pair = tuple[UUID, UUID]
"""A project and an organisation."""


@dataclass(frozen=True)
class Seeker:
    """A project that seeks somebody, and the topics it wants."""

    project_id: UUID
    sector: str | None = None
    department: str | None = None
    topics: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Offer:
    """An organisation that offers itself to at most `capacity` projects, of which it has `load`."""

    organisation_id: UUID
    sector: str | None = None
    department: str | None = None
    topics: frozenset[str] = frozenset()
    capacity: int = 1
    load: int = 0

    @property
    def free(self) -> int:
        return max(0, self.capacity - self.load)


@dataclass(frozen=True)
class Reason:
    """Why a pair fits: a code (same_sector, same_department, wanted_topic, load), what, points."""

    code: str
    detail: str
    points: float


@dataclass(frozen=True)
class Match:
    """A proposed pair. `score` is the sum of the points of its reasons, from 0 to 100."""

    project_id: UUID
    organisation_id: UUID
    reasons: tuple[Reason, ...] = field(default=())

    @property
    def score(self) -> float:
        return round(sum(reason.points for reason in self.reasons), 1)


def load_solver() -> None:
    """Load scipy, which takes longer than the service takes to start: once, and outside a Work."""
    import scipy.optimize  # noqa: F401


def propose(
    seekers: Iterable[Seeker], offers: Iterable[Offer], refused: frozenset[Pair] = frozenset()
) -> list[Match]:
    """As many pairs as possible, and among those the best total score.

    Each project appears at most once, each organisation at most as often as it has free places,
    and no refused pair ever. The same input gives the same answer, in the order of project ids.
    """
    import numpy as np
    from scipy.optimize import linear_sum_assignment

    rows = sorted(seekers, key=lambda seeker: seeker.project_id)
    columns = _places(offers)
    if not rows or not columns:
        return []
    forbidden = -100.0 * (min(len(rows), len(columns)) + 1)
    # A forbidden pair costs more than all others can bring: it is taken only where nothing else is.
    scores = np.array(
        [
            [
                forbidden
                if (seeker.project_id, place.organisation_id) in refused
                else match(seeker, place).score
                for place in columns
            ]
            for seeker in rows
        ]
    )
    chosen = linear_sum_assignment(scores, maximize=True)
    return [
        match(rows[row], columns[column])
        for row, column in zip(*(side.tolist() for side in chosen), strict=True)
        if scores[row, column] >= 0
    ]


def match(seeker: Seeker, offer: Offer) -> Match:
    """How well an organisation fits a project, with the reasons in the order of their points."""
    reasons = []
    if seeker.sector and seeker.sector == offer.sector:
        reasons.append(Reason("same_sector", seeker.sector, SECTOR))
    if seeker.department and seeker.department == offer.department:
        reasons.append(Reason("same_department", seeker.department, DEPARTMENT))
    shared = sorted(seeker.topics & offer.topics)
    if shared:
        points = round(TOPICS * len(shared) / len(seeker.topics), 1)
        reasons.append(Reason("wanted_topic", ", ".join(shared), points))
    if offer.free:
        points = round(LOAD * offer.free / offer.capacity, 1)
        reasons.append(Reason("load", f"{offer.load}/{offer.capacity}", points))
    return Match(seeker.project_id, offer.organisation_id, tuple(reasons))


def _places(offers: Iterable[Offer]) -> Sequence[Offer]:
    """One column for each free place; a second place knows that the first is taken."""
    return [
        Offer(
            organisation_id=offer.organisation_id,
            sector=offer.sector,
            department=offer.department,
            topics=offer.topics,
            capacity=offer.capacity,
            load=offer.load + taken,
        )
        for offer in sorted(offers, key=lambda offer: offer.organisation_id)
        for taken in range(offer.free)
    ]
