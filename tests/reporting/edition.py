"""A small edition told from its call to its trophies: six applications, two projects."""

from datetime import UTC, date, datetime

from tests.reporting.series import Series, a_bearer, a_prize, a_project, named

BOTH = (named("project", "pain"), named("project", "vélo"))


def a_small_edition() -> Series:
    """Two of six applications are selected; one project leaves with a trophy, one is halted."""
    series = Series().on(date(2019, 11, 1))
    series.join("UR SCOP AURA", "steward", "mentor", legal_form="association")
    series.join("SICADAE", "godparent", legal_form="scic")
    series.join("TERO", "godparent")
    series.join("expert", "mentor", name=None, person_id=named("person", "expert"))
    series.join("La Nef", "contributor")
    series.on(date(2019, 11, 15)).open_call()
    _apply(series)
    _support(series)
    _finish(series)
    return series


def _apply(series: Series) -> None:
    series.on(date(2020, 1, 10))
    for project in ("pain", "vélo", "laine", "miel", "bois", "eau"):
        received = series.receive(
            project, sector="food", department="38", number=f"PREM-{len(series.heard)}"
        )
        series.send(received, "application-received", recipient_id=named("bearer", project))
    series.on(date(2020, 2, 3))
    series.withdraw("eau")
    series.decide("pain")
    series.decide("vélo")
    series.decide("laine", "waiting_list", score=73)
    series.decide("miel", "refused")
    series.decide("bois", "reoriented")


def _support(series: Series) -> None:
    series.on(date(2020, 2, 10))
    series.form_cohort(
        a_project("pain", jobs_min=3, jobs_max=5, sector="food", department="38"),
        a_project("vélo", jobs_min=2, jobs_max=4),
    )
    series.plan(
        "Lancement",
        kind="launch_day",
        project_ids=BOTH,
        starts_at=datetime(2020, 2, 27, 8, tzinfo=UTC),
        ends_at=datetime(2020, 2, 27, 16, tzinfo=UTC),
    )
    series.plan("Gouvernance", project_ids=BOTH)
    series.move("Gouvernance", place="Les Amanins")
    series.grant("pain", 360)
    series.grant("vélo", 360)
    series.pair("pain", "SICADAE")
    series.pair("vélo", "TERO")
    series.on(date(2020, 2, 27))
    series.hold(
        "Lancement",
        kind="launch_day",
        participants=65,
        project_ids=BOTH,
        attendees=(a_bearer("pain"), a_bearer("vélo")),
    )
    series.on(date(2020, 5, 4))
    series.hold(
        "mentorat",
        kind="mentoring",
        minutes=120,
        half_days=1,
        participants=2,
        project_ids=(named("project", "pain"),),
        attendees=(a_bearer("pain", 1),),
    )
    series.use("pain", 120, minutes_left=240, provider_id=named("organisation", "UR SCOP AURA"))


def _finish(series: Series) -> None:
    series.on(date(2020, 12, 15))
    series.hand_in("pain", due_on=date(2020, 12, 18))
    series.progress("pain", "scop_or_scic_in_creation", jobs_min=4, jobs_max=6)
    series.progress("vélo", "halted")
    series.on(date(2021, 1, 19))
    series.award("pain", a_prize("=Chèque", 5_000, contributor="La Nef"))
