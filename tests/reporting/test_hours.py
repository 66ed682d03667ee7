"""Hours granted, used, left and beyond."""

from reporting.indicators import hours

from tests.reporting.conftest import Ask
from tests.reporting.rows import parts, rows_of
from tests.reporting.series import Series, named


def test_granted_and_used_hours_are_rows_of_one_table_so_that_the_balance_is_a_sum() -> None:
    series = Series()

    (granted,) = rows_of(series.grant(1, 360))["hours"]
    (used,) = rows_of(series.use(1, 400, minutes_over=40))["hours"]

    assert (granted["granted"], granted["used"], granted["over"]) == (360, 0, 0)
    assert (used["granted"], used["used"], used["over"]) == (0, 400, 40)


def test_hours_left_are_those_granted_less_those_used_and_time_beyond_is_counted_apart(
    figures: Ask,
) -> None:
    series = Series()
    series.grant(1, 360)
    series.grant(2, 360)
    series.use(1, 120, provider_id=named("organisation", "GRAP"))
    series.use(1, 300, minutes_over=60, provider_id=named("organisation", "GRENADE"))
    series.use(2, 120)

    found = figures(series)

    assert found[hours.GRANTED].value == 720
    assert found[hours.USED].value == 540
    assert found[hours.OVER].value == 60
    assert found[hours.LEFT].value == 240
    assert parts(found, hours.USED_BY_PARTNER) == {
        str(named("organisation", "GRENADE")): 300,
        str(named("organisation", "GRAP")): 120,
        "": 120,
    }
    assert parts(found, hours.APPOINTMENTS_BY_PARTNER)[""] == 1
