"""Messages sent, and those given up."""

from reporting.indicators import message

from tests.reporting.conftest import Ask, Hear
from tests.reporting.rows import parts, rows_of
from tests.reporting.series import Series, named


def test_a_message_keeps_which_fact_it_tells_and_why_it_failed() -> None:
    series = Series()
    received = series.receive(1)

    (sent,) = rows_of(series.send(received))["message"]
    (failed,) = rows_of(series.fail(received))["message"]

    assert (sent["cause"], sent["failure"]) == (received.envelope.id, None)
    assert (failed["cause"], failed["failure"]) == (None, "no_address")


def test_messages_belong_to_the_edition_of_what_they_tell_or_are_about(
    figures: Ask, hear: Hear
) -> None:
    elsewhere = Series(edition=named("edition", "2021"))
    elsewhere.send(elsewhere.receive(99))
    hear(elsewhere.heard)
    series = Series()
    received = series.receive(1)
    planned = series.plan("mai")
    series.send(received)
    series.send(planned, "reminder", cause=None)
    series.send(received, "sign-in", about_id=None, cause=None)
    series.fail(received)

    found = figures(series)

    assert parts(found, message.SENT) == {"receipt": 1, "reminder": 1}
    assert parts(found, message.FAILED) == {"no_address": 1}
