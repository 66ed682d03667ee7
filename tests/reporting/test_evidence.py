"""Whatever the partners say, a figure and the facts behind it agree."""

from collections.abc import Callable
from datetime import date, timedelta

import sqlalchemy as sa
from essaim.hearing.message import Heard
from hypothesis import given, settings
from hypothesis import strategies as st
from reporting.figures import evidence_of, figures_of, part_name
from reporting.indicators import application, hours, pairing, session
from reporting.indicators.catalogue import INDICATORS
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
    """Up to thirty facts over a few days, in no particular sense."""
    steps = st.one_of(an_application(), a_life_in_the_cohort(), a_session(), support())
    series = Series()
    for step in draw(st.lists(steps, max_size=30)):
        series.day += timedelta(days=draw(st.integers(0, 1)))
        step(series)
    return series


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


@settings(max_examples=30)
@given(a_series(), st.integers(1, 7))
def test_the_read_model_does_not_depend_on_how_the_stream_was_cut_into_chunks(
    series: Series, size: int
) -> None:
    def tables(chunks: list[list[Heard]]) -> dict[str, set[tuple[object, ...]]]:
        with read_model([]) as db:
            for chunk in chunks:
                projection.write(db, chunk)
            return {
                table.name: {tuple(row) for row in db.execute(sa.select(table))} for table in TABLES
            }

    heard = series.heard
    cut = [heard[start : start + size] for start in range(0, len(heard), size)]

    assert tables(cut) == tables([heard])
