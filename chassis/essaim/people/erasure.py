"""Forgetting a person: on `person.erased` each service erases what it holds, and confirms it.

Each service also notes what an edition's data is kept by: `retention.changed`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

from essaim_contracts import Fact
from essaim_contracts.candidatures import PersonErased
from essaim_contracts.fact import PersonForgotten, forgotten_by
from essaim_contracts.retention import RetentionChanged

from essaim.hearing.message import Heard
from essaim.hearing.router import Hearing, WorkFor
from essaim.people.directory import erase_person
from essaim.retention.clocks import save_clock
from essaim.work import Work


@dataclass(frozen=True)
class Erasure:
    """How one service forgets a person.

    `forget(work, person_id)` erases the service's own rows, while her entry of the directory can
    still be read; the same twice changes nothing. `confirms` makes the fact by which the service
    says that it did, from `person_id` and `forgotten_at`. The keeper of the directory, who
    announces erasures, says nothing more: its `expect(work, person_id, services)` notes which
    services have to confirm this one, its `confirmed(work, service, forgotten)` that one did.
    """

    forget: Callable[[Work, UUID], None] | None = None
    confirms: Callable[..., Fact] | None = None
    expect: Callable[[Work, UUID, Sequence[str]], None] | None = None
    confirmed: Callable[[Work, str, PersonForgotten], None] | None = None


class Forgetting:
    """A hearing that also answers `person.erased`, in the same transaction, and notes clocks.

    The service hears its chunk first, so that nothing a chunk brings about an erased person stays.
    `confirming` are the services whose confirmation the keeper waits for, and hears.
    """

    def __init__(
        self,
        hearing: Hearing,
        erasure: Erasure,
        *,
        keeps_directory: bool,
        confirming: Sequence[str] = (),
    ) -> None:
        self._hearing = hearing
        self._erasure = erasure
        self._keeps_directory = keeps_directory
        self.repeatable = hearing.repeatable
        self.watch = hearing.watch
        self.wait_for(confirming)

    def wait_for(self, confirming: Sequence[str]) -> None:
        """Have these services confirm each erasure from now on."""
        self._confirming = confirming
        # Also of services whose facts the contracts installed here do not know.
        self._confirmations = frozenset(forgotten_by(service).type for service in confirming)

    @property
    def types(self) -> frozenset[str] | None:
        heard = types_heard(self._hearing)
        return None if heard is None else heard | self._confirmations

    def knows(self, type: str) -> bool:
        is_ours = type in HEARD_BY_ALL or type in self._confirmations
        return is_ours or self._hearing.knows(type)

    def handle(self, heard: list[Heard], work_for: WorkFor) -> None:
        known = [one for one in heard if self._hearing.knows(one.envelope.type)]
        self._hearing.handle(known, work_for)
        for one in heard:
            if isinstance(one.fact, PersonErased):
                with work_for(one) as work:
                    self._forget(one.fact, work)
            elif isinstance(one.fact, RetentionChanged):
                with work_for(one) as work:
                    save_clock(work.db, one.fact, one.envelope.programme)
            elif self._erasure.confirmed is not None and isinstance(one.fact, PersonForgotten):
                with work_for(one) as work:
                    self._erasure.confirmed(work, one.envelope.owner, one.fact)

    def _forget(self, erased: PersonErased, work: Work) -> None:
        if self._erasure.forget is not None:
            self._erasure.forget(work, erased.person_id)
        if self._erasure.expect is not None:
            self._erasure.expect(work, erased.person_id, self._confirming)
        erase_person(work.db, erased.person_id, erased.erased_at, share=self._keeps_directory)
        if self._erasure.confirms is not None:
            work.tell(self._erasure.confirms(person_id=erased.person_id, forgotten_at=work.now))


HEARD_BY_ALL = frozenset({PersonErased.type, RetentionChanged.type})


def types_heard(hearing: Hearing) -> frozenset[str] | None:
    """The types a service hears: its own, and what personal data needs; None for all."""
    return None if hearing.types is None else hearing.types | HEARD_BY_ALL
