from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from essaim.clock import SimulatedClock
from essaim.ids import new_id, stable_id
from essaim.keeping.database import Database
from essaim.keeping.migration import differences
from essaim.people.directory import find_person
from essaim.person import Role
from essaim.service import Service
from essaim_contracts import Fact
from essaim_contracts.candidatures import (
    CohortChange,
    CohortFormed,
    Commitment,
    PersonErased,
    TrophyAwarded,
)
from essaim_contracts.scheduling import (
    ChangeReason,
    GrantReason,
    HourKind,
    HoursGranted,
    PairingEnded,
    PairingEndReason,
    PairingKind,
    SessionCancelled,
    SessionPlanned,
)
from scheduling import store
from scheduling.commands.pairing import pair
from scheduling.commands.session import plan_session
from scheduling.commands.track import give_tracks_to_waiting_cohorts, import_track
from scheduling.schemas.pairing import MakePairing
from scheduling.schemas.session import PlanSession

from tests.scheduling.promotion_2020 import (
    A_TRACK,
    COHORT,
    EDITION,
    Backbone,
    OpenWork,
    Somebody,
    a_change,
    a_cohort,
    a_partner,
    a_project,
)

LAUNCH = datetime.fromisoformat("2020-02-27T09:00:00+01:00")


def at(day: datetime, hours: float = 3, **values: Any) -> PlanSession:
    return PlanSession(
        **{
            "cohort_id": COHORT,
            "kind": "collective_day",
            "title": "Journée collective",
            "mode": "on_site",
            "starts_at": day,
            "ends_at": day + timedelta(hours=hours),
        }
        | values
    )


def test_the_migrated_database_has_the_tables_of_the_code(
    database: Database, service: Service
) -> None:
    assert differences(database, service) == []


def test_each_project_of_a_formed_cohort_is_granted_the_hours_of_its_track(
    backbone: Backbone, cohort: CohortFormed
) -> None:
    granted = backbone.said(HoursGranted)

    assert {one.package_id for one in granted} == {one.package_id for one in granted}
    assert granted == [
        HoursGranted(
            package_id=granted[place].key,
            edition_id=EDITION,
            cohort_id=COHORT,
            project_id=project.project_id,
            kind=HourKind.MENTORING,
            minutes=360,
            reason=GrantReason.TRACK,
            granted_on=date(2020, 2, 20),
        )
        for place, project in enumerate(cohort.projects)
    ]


def test_a_formed_cohort_has_proposed_sessions_that_nobody_was_told_of(
    backbone: Backbone, cohort: CohortFormed
) -> None:
    with backbone.reading() as db:
        proposals = store.proposed_session.open_of_cohort(db, COHORT)

    assert len(proposals) == 1 + 3 * len(cohort.projects)
    assert backbone.said(SessionPlanned) == []


def test_a_cohort_whose_track_is_unknown_receives_it_when_it_arrives(
    backbone: Backbone, work: OpenWork
) -> None:
    backbone.hear(a_cohort())
    assert backbone.said(Fact) == []

    with work() as one:
        import_track(one, A_TRACK)

    assert len(backbone.said(HoursGranted)) == 2
    with work() as one:
        assert give_tracks_to_waiting_cohorts(one) is False
    assert len(backbone.said(HoursGranted)) == 2


def test_a_track_that_arrived_unseen_is_given_by_the_timer(
    backbone: Backbone, work: OpenWork
) -> None:
    with work() as one:
        import_track(one, A_TRACK)
    backbone.hear(a_cohort())
    with work() as one:
        one.db.execute(sa.update(store.cohort.cohort).values(track_version=None))
        one.db.execute(sa.delete(store.hour_package.hour_package))

    with work() as one:
        give_tracks_to_waiting_cohorts(one)

    assert len(backbone.said(HoursGranted)) == 4
    with backbone.reading() as db:
        assert store.cohort.load(db, COHORT).track_version == 1


def test_a_running_cohort_keeps_its_version_of_the_track(
    backbone: Backbone, cohort: CohortFormed, work: OpenWork
) -> None:
    with work() as one:
        import_track(
            one, A_TRACK.replace("version: 1", "version: 2").replace("hours: 6", "hours: 9")
        )
    backbone.hear(a_change(CohortChange.JOINED, a_project("La Brasserie")))

    granted = backbone.said(HoursGranted)
    assert [one.minutes for one in granted] == [360, 360, 360]


def test_a_project_that_joins_is_granted_its_hours_and_convened_with_its_cohort(
    backbone: Backbone, cohort: CohortFormed, work: OpenWork, somebody: Somebody
) -> None:
    coordinator, joining = somebody(Role.COORDINATOR), a_project("La Brasserie")
    with work(coordinator.id) as one:
        launch = plan_session(one, coordinator, at(LAUNCH, kind="launch_day"))
        plan_session(one, coordinator, at(LAUNCH + timedelta(days=7), project_ids=[]))

    backbone.hear(a_change(CohortChange.JOINED, joining))

    granted, told = backbone.said(HoursGranted)[-1], backbone.said(SessionPlanned)[-1]
    assert granted.project_id == joining.project_id
    assert told.key == launch.id
    assert told.sequence == 1
    assert set(told.project_ids) - set(launch.project_ids) == {joining.project_id}
    assert set(told.participant_ids) - set(launch.participant_ids) == set(joining.bearer_ids)
    assert len(backbone.said(SessionPlanned)) == 3


def test_a_project_that_leaves_loses_its_own_sessions_and_its_godparent(
    backbone: Backbone, cohort: CohortFormed, work: OpenWork, somebody: Somebody
) -> None:
    coordinator, leaving = somebody(Role.COORDINATOR), cohort.projects[0]
    backbone.hear(a_partner("BIERISTAN", Commitment.GODPARENT))
    with work(coordinator.id) as one:
        godparent = pair(
            one,
            coordinator,
            MakePairing(
                project_id=leaving.project_id,
                kind=PairingKind.GODPARENT,
                organisation_id=stable_id("premices", "organisation", "BIERISTAN"),
            ),
        )
        launch = plan_session(one, coordinator, at(LAUNCH))
        own = plan_session(
            one,
            coordinator,
            at(LAUNCH + timedelta(days=9), project_ids=[leaving.project_id], kind="mentoring"),
        )

    backbone.hear(a_change(CohortChange.LEFT, leaving))

    (cancelled,) = backbone.said(SessionCancelled)
    assert (cancelled.key, cancelled.reason) == (own.id, ChangeReason.OTHER)
    (ended,) = backbone.said(PairingEnded)
    assert (ended.key, ended.reason) == (godparent.id, PairingEndReason.PROJECT_LEFT)
    told = backbone.said(SessionPlanned)[-1]
    assert (told.key, told.project_ids) == (launch.id, (cohort.projects[1].project_id,))
    with backbone.reading() as db:
        assert store.proposed_session.open_of_cohort(db, COHORT, leaving.project_id) == []


def test_a_session_held_before_a_project_left_stays_as_it_was(
    backbone: Backbone,
    cohort: CohortFormed,
    work: OpenWork,
    somebody: Somebody,
    clock: SimulatedClock,
) -> None:
    coordinator = somebody(Role.COORDINATOR)
    with work(coordinator.id) as one:
        plan_session(one, coordinator, at(LAUNCH))
    clock.set(LAUNCH + timedelta(days=1))

    backbone.hear(a_change(CohortChange.LEFT, cohort.projects[0]))

    assert len(backbone.said(SessionPlanned)) == 1
    assert backbone.said(SessionCancelled) == []


def test_a_partner_that_is_no_godparent_any_more_leaves_its_project(
    backbone: Backbone, cohort: CohortFormed, work: OpenWork, somebody: Somebody
) -> None:
    coordinator = somebody(Role.COORDINATOR)
    backbone.hear(a_partner("BIERISTAN", Commitment.GODPARENT, Commitment.CONTRIBUTOR))
    with work(coordinator.id) as one:
        asked = MakePairing(
            project_id=cohort.projects[0].project_id,
            kind=PairingKind.GODPARENT,
            organisation_id=stable_id("premices", "organisation", "BIERISTAN"),
        )
        pair(one, coordinator, asked)

    backbone.hear(a_partner("BIERISTAN", Commitment.CONTRIBUTOR))

    (ended,) = backbone.said(PairingEnded)
    assert ended.reason == PairingEndReason.ORGANISATION_LEFT


def test_a_trophy_is_kept_with_its_project(backbone: Backbone, cohort: CohortFormed) -> None:
    project = cohort.projects[0]
    backbone.hear(
        TrophyAwarded(
            trophy_id=new_id(),
            edition_id=EDITION,
            cohort_id=COHORT,
            project_id=project.project_id,
            bearer_ids=project.bearer_ids,
            title="Coup de cœur",
            awarded_on=date(2021, 1, 19),
            prizes=(),
        )
    )

    with backbone.reading() as db:
        (kept,) = store.trophy.of_cohort(db, COHORT)
    assert (kept.title, kept.project) == ("Coup de cœur", project.title)


def test_of_an_erased_person_nothing_is_left_but_her_opaque_id_on_sheets(
    backbone: Backbone, cohort: CohortFormed, work: OpenWork, somebody: Somebody
) -> None:
    coordinator = somebody(Role.COORDINATOR)
    bearer = somebody(Role.BEARER, id=cohort.projects[0].bearer_ids[0])
    with work(coordinator.id) as one:
        plan_session(one, coordinator, at(LAUNCH))
        store.feed.save(one.db, bearer.id, None, one.now)

    backbone.hear(PersonErased(person_id=bearer.id, erased_at=LAUNCH))

    with backbone.reading() as db:
        assert find_person(db, bearer.id) is None
        assert store.feed.of_owner(db, bearer.id) == []
        assert store.cohort.projects_borne_by(db, bearer.id) == []
        assert store.session.of_person(db, bearer.id) == []
        assert rows_naming(db, bearer.id) == set()


def rows_naming(db: sa.Connection, person_id: UUID) -> set[str]:
    """The tables, but the sheets, that hold this id in any column."""
    found = set()
    for table in store.metadata.sorted_tables:
        for row in db.execute(sa.select(table)).mappings():
            if table.name != "mark" and str(person_id) in str(dict(row)):
                found.add(table.name)
    return found
