"""Whatever the partners say, a figure and the facts behind it agree."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from essaim.hearing.message import Heard
from hypothesis import given, settings
from hypothesis import strategies as st
from reporting.counting import DERIVED
from reporting.figures import evidence_of, figures_of, recounted
from reporting.indicators import application, hours, pairing, session
from reporting.indicators.catalogue import INDICATORS
from reporting.indicators.indicator import part_name
from reporting.main import projection
from reporting.projector import TABLES
from reporting.scope import Scope

from tests.reporting.series import (
    EDITION,
    PROGRAMME,
    Series,
    a_bearer,
    a_prize,
    a_project,
    named,
    read_model,
)

KEPT = (*TABLES, *(one.table for one in DERIVED))

Step = Callable[[Series], object]

PROJECTS = st.integers(1, 4)
PARTNERS = st.sampled_from(["GRAP", "GRENADE", "TERO"])
SESSIONS = st.sampled_from(["mai", "septembre", "mentorat"])
KINDS = st.sampled_from(["collective_day", "mentoring"])
JOBS: st.SearchStrategy[dict[str, int]] = st.one_of(
    st.just({}),
    st.tuples(st.integers(0, 9), st.integers(0, 9)).map(
        lambda pair: {"jobs_min": min(pair), "jobs_max": max(pair)}
    ),
)


def an_application() -> st.SearchStrategy[Step]:
    decisions = st.sampled_from(["selected", "waiting_list", "refused", "reoriented"])
    return st.one_of(
        st.builds(lambda p: lambda s: s.receive(p), PROJECTS),
        st.builds(lambda p: lambda s: s.withdraw(p), PROJECTS),
        st.builds(lambda p, d: lambda s: s.decide(p, d), PROJECTS, decisions),
    )


def a_life_in_the_cohort() -> st.SearchStrategy[Step]:
    statuses = st.sampled_from(["in_progress", "halted", "abandoned"])
    changes = st.sampled_from(["joined", "left"])
    return st.one_of(
        st.builds(lambda p, j: lambda s: s.form_cohort(a_project(p, **j)), PROJECTS, JOBS),
        st.builds(
            lambda c, p, j: lambda s: s.change_cohort(c, a_project(p, **j)), changes, PROJECTS, JOBS
        ),
        st.builds(lambda p, v, j: lambda s: s.progress(p, v, **j), PROJECTS, statuses, JOBS),
        st.builds(lambda p: lambda s: s.hand_in(p, date(2020, 1, 20)), PROJECTS),
        st.builds(
            lambda p, v: lambda s: s.award(p, a_prize("don", v)), PROJECTS, st.integers(0, 9)
        ),
    )


def a_session() -> st.SearchStrategy[Step]:
    return st.one_of(
        st.builds(lambda n, k: lambda s: s.plan(n, k), SESSIONS, KINDS),
        st.builds(lambda n: lambda s: s.cancel(n), SESSIONS),
        st.builds(
            lambda n, k, p, h: (
                lambda s: s.hold(
                    n,
                    k,
                    participants=h,
                    project_ids=(named("project", p),),
                    attendees=(a_bearer(p, h),),
                )
            ),
            SESSIONS,
            KINDS,
            PROJECTS,
            st.integers(0, 2),
        ),
    )


def support() -> st.SearchStrategy[Step]:
    reasons = st.sampled_from(["replaced", "programme_ended"])
    return st.one_of(
        st.builds(lambda p, m: lambda s: s.grant(p, m), PROJECTS, st.integers(1, 600)),
        st.builds(
            lambda p, m, o: (
                lambda s: s.use(p, m, minutes_over=m // 3, provider_id=named("organisation", o))
            ),
            PROJECTS,
            st.integers(1, 600),
            PARTNERS,
        ),
        st.builds(lambda p, o: lambda s: s.pair(p, o), PROJECTS, PARTNERS),
        st.builds(lambda p, o, r: lambda s: s.unpair(p, o, r), PROJECTS, PARTNERS, reasons),
        st.builds(lambda o: lambda s: s.join(o, "mentor"), PARTNERS),
        st.builds(lambda: lambda s: s.send(s.heard[-1]) if s.heard else None),
    )


@st.composite
def a_series(draw: st.DrawFn) -> Series:
    """Up to thirty facts over a few days, in no particular sense; some are said late."""
    steps = st.one_of(an_application(), a_life_in_the_cohort(), a_session(), support())
    series = Series()
    for step in draw(st.lists(steps, max_size=30)):
        series.day += timedelta(days=draw(st.integers(-2, 2)))
        step(series)
    return series


@st.composite
def as_they_come(draw: st.DrawFn, series: Series) -> list[list[Heard]]:
    """The chunks in which facts come: some waited for others, some come a second time."""
    coming = list(series.heard)
    for one in draw(st.lists(st.sampled_from(coming), max_size=5)) if coming else ():
        coming.remove(one)
        coming.insert(draw(st.integers(0, len(coming))), one)
    if coming:
        coming += draw(st.lists(st.sampled_from(coming), max_size=3))
    size = draw(st.integers(1, 7))
    return [coming[start : start + size] for start in range(0, len(coming), size)]


@pytest.mark.slow
@settings(max_examples=60)
@given(a_series())
def test_every_figure_and_each_of_its_parts_is_the_sum_of_its_evidence(series: Series) -> None:
    scope = Scope(EDITION, PROGRAMME)
    known = {one.envelope.id for one in series.heard}
    with read_model(series.heard) as db:
        figures = figures_of(db, scope)
        for indicator in INDICATORS.values():
            figure = figures[indicator]
            evidence = db.execute(sa.select(evidence_of(indicator, scope))).all()
            assert sum(row.amount for row in evidence) == figure.value, indicator.code
            assert len(evidence) == figure.rows, indicator.code
            assert {row.fact_id for row in evidence} <= known, indicator.code
            for name, part in figure.parts.items():
                amounts = [row.amount for row in evidence if part_name(row.part) == name]
                assert (sum(amounts), len(amounts)) == (part.value, part.rows), indicator.code


@pytest.mark.slow
@settings(max_examples=60)
@given(a_series(), st.integers(0, 12))
def test_figures_of_a_past_day_equal_those_of_a_stream_that_stops_there(
    series: Series, days: int
) -> None:
    as_of = date(2020, 1, 10) + timedelta(days=days)
    told_by_then = [one for one in series.heard if one.envelope.time.date() <= as_of]

    with read_model(series.heard) as db:
        looking_back = figures_of(db, Scope(EDITION, PROGRAMME, as_of))
    with read_model(told_by_then) as db:
        at_that_time = figures_of(db, Scope(EDITION, PROGRAMME))

    assert looking_back.by_code == at_that_time.by_code
    assert looking_back.stream_seq == at_that_time.stream_seq


@pytest.mark.slow
@settings(max_examples=60)
@given(a_series())
def test_figures_that_must_balance_do(series: Series) -> None:
    with read_model(series.heard) as db:
        figures = figures_of(db, Scope(EDITION, PROGRAMME))

    states = figures[application.STATES]
    assert states.value == figures[application.RECEIVED].value
    over = figures[hours.OVER].value
    assert figures[hours.LEFT].value == (
        figures[hours.GRANTED].value - (figures[hours.USED].value - over)
    )
    assert figures[pairing.GODPARENTS].value <= figures[pairing.LASTING].of("godparent")
    planned, to_come = figures[session.PLANNED].value, figures[session.TO_COME].value
    assert to_come <= planned


@pytest.mark.slow
@settings(max_examples=80)
@given(st.data())
def test_the_read_model_does_not_depend_on_how_its_facts_came(data: st.DataObject) -> None:
    """Neither its rows, nor the counters that each chunk moves."""
    series = data.draw(a_series())
    chunks = data.draw(as_they_come(series))

    def tables(chunks: list[list[Heard]]) -> dict[str, set[tuple[object, ...]]]:
        with read_model([]) as db:
            for chunk in chunks:
                projection.write(db, chunk)
            return {
                table.name: {tuple(row) for row in db.execute(sa.select(table))} for table in KEPT
            }

    assert tables(chunks) == tables([series.heard])


@pytest.mark.slow
@settings(max_examples=80)
@given(st.data())
def test_counters_are_what_the_rows_behind_them_come_to_on_each_day(data: st.DataObject) -> None:
    series = data.draw(a_series())
    days = {one.envelope.time.date() for one in series.heard}
    with read_model([]) as db:
        for chunk in data.draw(as_they_come(series)):
            projection.write(db, chunk)
        for day in (*days, None):
            scope = Scope(EDITION, PROGRAMME, day)
            figures = figures_of(db, scope).by_code
            assert figures == {
                code: recounted(db, figures[code].indicator, scope) for code in figures
            }
