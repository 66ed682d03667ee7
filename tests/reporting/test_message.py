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


def test_a_message_belongs_to_the_fact_of_its_cause_s_source_and_of_no_other(
    figures: Ask,
) -> None:
    """Another programme's fact may have the same id."""
    series = Series()
    received = series.receive(1)
    series.send(received, "ours", cause_source=received.envelope.source, about_id=None)
    series.send(received, "theirs", cause_source="/alpages/candidatures", about_id=None)
    series.send(received, "told-before-it-was-named", about_id=None)

    found = figures(series)

    assert parts(found, message.SENT) == {"ours": 1, "told-before-it-was-named": 1}
