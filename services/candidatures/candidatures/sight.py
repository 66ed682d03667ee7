"""Blind scoring: what of the committee's work is seen, and by whom."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from candidatures.comment import Own
from candidatures.conflict import Conflict
from candidatures.form import Criterion


@dataclass(frozen=True)
class Sight:
    """What somebody sees of an application that is before the committee.

    `marks` are the points of others, their mean and the prepared decision; `note` is the one the
    coordination wrote for itself.
    """

    marks: bool = False
    note: bool = False


@dataclass(frozen=True)
class Reading:
    """What somebody sees of the committee's work on an application, and her own part in it."""

    sight: Sight = Sight()
    conflict: Conflict | None = None
    points: Mapping[str, int | None] = field(default_factory=dict)
    is_member: bool = False
    own: Own = field(default_factory=lambda: Own({}))
    """What she wrote about it."""
    file: bool = True
    """Whether she reads what was written; a member in conflict does not."""
    names: bool = True
    """Whether she reads who applies; a member does not in an anonymous round."""

    @property
    def scores(self) -> bool:
        """Whether she may give points."""
        return self.is_member and self.conflict is None


def sight(*, coordinates: bool, is_member: bool, is_in: bool, conflict: Conflict | None) -> Sight:
    """`is_in` says that she gave her own points.

    Who sits on the committee scores blind, whatever else she is: she sees what others gave once
    hers is in. In conflict she sees nothing. Who coordinates without scoring sees all.
    """
    if conflict is not None:
        return Sight()
    marks = is_in if is_member else coordinates
    return Sight(marks, note=marks and coordinates)


def is_in(criteria: Iterable[Criterion], points: Mapping[str, int | None]) -> bool:
    """Whether these are points for every criterion, those that cannot be judged included."""
    return all(criterion.code in points for criterion in criteria)
