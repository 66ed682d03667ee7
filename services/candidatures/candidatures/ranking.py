"""Applications side by side: decisions as a form says them, and what the selected make together."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from essaim.refusal import Refusal
from essaim_contracts.candidatures import Decision, DecisionReason

from candidatures.committee import REASONS, REFUSAL_REASONS, Verdict
from candidatures.form import Choice

MOST_COMPARED = 3
"""Files side by side: more would be too narrow to read."""


@dataclass(frozen=True)
class Asked:
    """What a form wants prepared for an application: `chosen` where it showed `shown`.

    Both are written as `written_verdict` does. `rank` is None where the next one will do.
    """

    application_id: UUID
    shown: str
    chosen: str
    rank: int | None


@dataclass(frozen=True)
class Change:
    """A prepared decision that its bearer does not know yet; `applied` is what she was told."""

    application_id: UUID
    number: str
    title: str
    prepared: Verdict
    applied: Verdict | None


@dataclass(frozen=True)
class Foreseen:
    """What a selected project brings to the cohort; None where it was not said."""

    sector: str | None
    department: str | None
    jobs_min: int | None
    jobs_max: int | None


@dataclass(frozen=True)
class Chance:
    """An application, by the decision that is prepared for it, and what its project brings."""

    prepared: Decision | None
    brings: Foreseen


@dataclass(frozen=True)
class Outlook:
    """How many applications have each prepared decision, None for none; and the selected.

    `hidden` are not counted here: its reader has not scored them yet, or is in conflict.
    """

    counts: Mapping[Decision | None, int]
    selected: Sequence[Foreseen]
    hidden: int

    @property
    def undecided(self) -> int:
        return self.counts.get(None, 0)

    @property
    def sectors(self) -> Mapping[str, int]:
        return _most_first(one.sector for one in self.selected if one.sector)

    @property
    def departments(self) -> Mapping[str, int]:
        return _most_first(one.department for one in self.selected if one.department)

    @property
    def jobs(self) -> tuple[int, int]:
        """The fewest and the most jobs that the selected foresee together."""
        fewest = sum(one.jobs_min or 0 for one in self.selected)
        return fewest, sum(one.jobs_max or one.jobs_min or 0 for one in self.selected)


def with_choices(
    outlook: Outlook, chances: Mapping[UUID, Chance], chosen: Mapping[UUID, Decision]
) -> Outlook:
    """What it would be with these decisions chosen, for those of these applications it counts."""
    counts, selected = Counter(outlook.counts), list(outlook.selected)
    for id, one in chances.items():
        decision = chosen[id]
        counts[one.prepared] -= 1
        counts[decision] += 1
        if one.prepared == Decision.SELECTED:
            selected.remove(one.brings)
        if decision == Decision.SELECTED:
            selected.append(one.brings)
    return Outlook({kind: n for kind, n in counts.items() if n}, selected, outlook.hidden)


def _most_first(codes: Iterable[str]) -> dict[str, int]:
    return dict(Counter(codes).most_common())


def written_verdict(verdict: Verdict | None) -> str:
    """A decision as the value of a field, `refused:not_mature`; its rank is a field of its own."""
    if verdict is None:
        return ""
    return ":".join(filter(None, (verdict.decision, verdict.reason, verdict.track_code)))


def read_verdict(written: str, rank: int | None) -> Verdict:
    """
    Raises:
        Refusal: (422) it is none that `written_verdict` writes.
    """
    decision, _, rest = written.partition(":")
    reason, _, track = rest.partition(":")
    try:
        made = Decision(decision)
        return Verdict(
            made,
            DecisionReason(reason),
            rank if made == Decision.WAITING_LIST else None,
            track or None,
        )
    except ValueError:
        raise unknown_verdict(written) from None


def decision_in(written: str) -> Decision:
    """The decision that a field says.

    Raises:
        Refusal: (422) as `read_verdict`.
    """
    return read_verdict(written, None).decision


def verdicts_offered(tracks: Sequence[Choice]) -> dict[Decision, list[str]]:
    """What a committee may choose from, written, by decision. The usual reason comes first."""
    usual = {decision: reasons[0] for decision, reasons in REASONS.items()}
    return {
        Decision.SELECTED: [written_verdict(Verdict(Decision.SELECTED, usual[Decision.SELECTED]))],
        Decision.WAITING_LIST: [
            written_verdict(Verdict(Decision.WAITING_LIST, usual[Decision.WAITING_LIST]))
        ],
        Decision.REFUSED: [
            written_verdict(Verdict(Decision.REFUSED, reason)) for reason in REFUSAL_REASONS
        ],
        Decision.REORIENTED: [
            written_verdict(
                Verdict(Decision.REORIENTED, usual[Decision.REORIENTED], track_code=track.code)
            )
            for track in tracks
        ],
    }


# --- refusals


def unknown_verdict(written: str) -> Refusal:
    return Refusal(
        "unknown_verdict",
        "« {written} » n’est pas une décision : choisissez-en une de la liste.",
        status=422,
        written=written[:60],
    )


def decision_prepared_elsewhere(number: str | None) -> Refusal:
    return Refusal(
        "decision_prepared_elsewhere",
        "Quelqu’un d’autre a préparé entre-temps une décision sur la candidature {number} : "
        "rien n’est changé. Relisez-la, puis recommencez.",
        status=409,
        number=number,
    )
