"""Two partners may use one id: both facts count, each in its own place."""

from dataclasses import replace

import sqlalchemy as sa
from essaim.hearing.message import Heard
from reporting.indicators.application import RECEIVED
from reporting.lists.evidence import evidence_list, load_evidence
from reporting.lists.timeline import timeline_list
from reporting.reader import Reader
from reporting.scope import Scope
from reporting.store.timeline import timeline

from tests.reporting.series import EDITION, PROGRAMME, Series, named, read_model

SCOPE = Scope(EDITION, PROGRAMME)
TITLES = {"candidatures": "Candidatures", "scheduling": "Séances et accompagnement"}


def with_one_id(series: Series) -> list[Heard]:
    """What is in a series, all of it under the id of its first fact."""
    id = series.heard[0].envelope.id
    return [replace(one, envelope=replace(one.envelope, id=id)) for one in series.heard]


def test_facts_of_two_partners_with_one_id_both_count_and_have_their_own_evidence() -> None:
    series = Series()
    series.receive(7)
    series.progress(7, "in_progress")
    with read_model(with_one_id(series)) as db:
        (received,) = load_evidence(
            db, db.execute(evidence_list(RECEIVED, SCOPE, None, Reader()).query).all()
        )
        assert (received.owner, received.key) == ("candidatures", named("application", 7))
        facts = timeline_list(named("project", 7), TITLES).query
        assert {row.owner for row in db.execute(facts)} == {"candidatures", "scheduling"}


def test_one_act_said_in_two_programmes_under_one_id_counts_in_both() -> None:
    here, there = Series(), Series(named("edition", "elsewhere"), "ailleurs")
    told = [here.join("SICADAE", "mentor"), there.join("SICADAE", "mentor")]
    same = [replace(one, envelope=replace(one.envelope, id=told[0].envelope.id)) for one in told]
    with read_model(same) as db:
        programmes = db.execute(sa.select(timeline.c.programme)).scalars()
        assert sorted(programmes) == ["ailleurs", "premices"]
