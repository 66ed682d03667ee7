"""What every act of the demo needs: the services, the voices of people, and what they learnt."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, TypeVar
from uuid import UUID

from essaim.clock import PARIS
from essaim.person import Role
from essaim.text import formats
from essaim.text.languages import Tongue

from essaim_demo.client import RequestRefused, Services, Voice, wait_until
from essaim_demo.edition import Edition

T = TypeVar("T")

AT_ONCE = 4
"""Requests under way together, as when many people write in the last hour."""


@dataclass(frozen=True)
class Moment:
    """Something that happens at an instant; `words` say what, `act` does it."""

    at: datetime
    words: str
    act: Callable[[], None] = lambda: None


@dataclass(frozen=True)
class Sent:
    """An application as candidatures knows it; `token` opens its draft."""

    id: str
    project_id: str
    token: str


class NobodyIs(LookupError):
    """The programme's file names nobody for something that the edition needs."""


@dataclass
class Stage:
    """The services and what was learnt of them. `_` translates what is shown."""

    services: Services
    operator: Voice
    edition: Edition
    _: Tongue
    programme: str = ""
    edition_id: str = ""
    call: dict[str, Any] = field(default_factory=dict)
    cohort_id: str = ""
    organisations: dict[str, str] = field(default_factory=dict)
    """Code -> id."""
    people: list[dict[str, Any]] = field(default_factory=list)
    sent: dict[str, Sent] = field(default_factory=dict)
    """Title of a project -> its application."""
    refused_late: int = 0
    sessions: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Name of a planned session in our data -> the session as scheduling answers it."""
    bearers: dict[str, list[str]] = field(default_factory=dict)
    """Project id -> the ids of its bearers, once there is a cohort."""

    @property
    def language(self) -> str:
        return self._.language

    def day(self, instant: datetime) -> str:
        """A day as people write it: 15 janvier 2020."""
        return formats.day(instant, self.language)

    def who(self, role: Role, day: date, organisation: str | None = None) -> list[str]:
        """The ids of those who hold a role that day, for an organisation when one is named."""
        wanted = self.organisations[organisation] if organisation else None
        return [
            person["id"]
            for person in self.people
            if any(
                held["role"] == role
                and (wanted is None or held["organisation_id"] == wanted)
                and (held["since"] or "") <= day.isoformat() <= (held["until"] or "9999")
                for held in person["roles"]
            )
        ]

    def voice(self, person_id: str) -> Voice:
        return self.services.voice(UUID(person_id), self.language)

    def coordinator(self, day: date) -> Voice:
        """The coordinator of the programme who comes first."""
        found = self.who(Role.COORDINATOR, day)
        if not found:
            raise NobodyIs(f"Nobody coordinates {self.programme} on {day}: see programme.yaml.")
        return self.voice(found[0])

    def project_id(self, title: str) -> str:
        if title not in self.sent:
            raise NobodyIs(f"No application is titled « {title} »: see year.yaml.")
        return self.sent[title].project_id

    def settle(self) -> None:
        """Wait until everything said was heard, and every letter has left.

        Raises:
            NeverSo: that does not come.
        """
        wait_until(self._is_settled, self.services.unsettled)

    def set_clock(self, instant: datetime) -> None:
        """Move business time in every service; each does what has become due."""
        setting = {"now": instant.isoformat()}
        together(lambda name: self.operator.post(f"/{name}/clock", setting), self.services.names)

    def wait_until_known(self, ask: Callable[[], Any]) -> None:
        """Ask until those who ask are known: people reach the services on a path of their own.

        Raises:
            NeverSo: somebody stays unknown.
        """

        def is_known() -> bool:
            try:
                ask()
            except RequestRefused as refused:
                if refused.status == 401:
                    return False
                raise
            return True

        wait_until(is_known, lambda: "a service does not know who asks: its directory lags.")

    def _is_settled(self) -> bool:
        # A letter that leaves is said in turn: only settled before and after is settled.
        return (
            self._no_letter_waits()
            and self.services.are_settled()
            and self._no_letter_waits()
            and self.services.are_settled()
        )

    def _no_letter_waits(self) -> bool:
        return bool(self.operator.get("/notifications/api/queue")["idle"])


def together(act: Callable[[T], Any], items: Iterable[T]) -> list[Any]:
    """Do the same for each item, several at a time; the first failure is raised."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(act, items))


def day_of(instant: datetime) -> date:
    return instant.astimezone(PARIS).date()
