"""What a service said is held against the contracts, and each way to say it wrongly is told."""

import json
from collections.abc import Callable
from dataclasses import replace

import pytest
from essaim.consortium.file import of_services
from essaim.consortium.partners import Partner
from essaim.hearing.message import Message, Unreadable, read_fact
from essaim.ids import new_id
from essaim.proving.rules import Outcome
from essaim.proving.said import Stream, check_said
from essaim.proving.script import BEGINNING, UNTOLD, Line, Script, line
from essaim.proving.view import differing
from essaim.service import installed_services
from essaim_contracts import Fact
from essaim_contracts.envelope import from_message
from essaim_contracts.fact import forgotten_by
from essaim_contracts.scheduling import ProjectProgressed

CONSORTIUM = of_services(installed_services())
(PARTNER,) = (one for one in CONSORTIUM.partners if one.service == "scheduling")
SCRIPT = Script(CONSORTIUM, PARTNER)
ERASED = SCRIPT.erasure(new_id())
_TAKEN_NS = 1_795_770_000_000_000_000
"""In November 2026."""


def as_answer(line: Line, cause: Line) -> Line:
    headers = {
        "ce-causationid": cause.headers["ce-id"],
        "ce-correlationid": cause.headers["ce-correlationid"],
    }
    return replace(line, headers=line.headers | headers)


def an_answer(cause: Line = ERASED) -> Line:
    """What scheduling says of an erasure, as the contracts want it."""
    key = cause.headers["ce-subject"]
    body = {"person_id": key, "forgotten_at": "2020-03-02T08:00:00Z"}
    id = str(new_id())
    headers = cause.headers | {
        "ce-id": id,
        "Nats-Msg-Id": id,
        "ce-type": forgotten_by("scheduling").type,
        "ce-source": "/premices/scheduling",
    }
    subject = f"essaim.premices.scheduling.person.forgotten.v1.{key}"
    return as_answer(Line(subject, headers, json.dumps(body).encode(), ""), cause)


def with_field(line: Line, **fields: str) -> Line:
    return replace(line, body=json.dumps(json.loads(line.body) | fields).encode())


def structured(line: Line) -> Line:
    """The same as one JSON object, which CloudEvents allows too."""
    event = {name[3:]: it for name, it in line.headers.items() if name.startswith("ce-")}
    headers = {
        "content-type": "application/cloudevents+json",
        "Nats-Msg-Id": line.headers["Nats-Msg-Id"],
    }
    return replace(
        line, headers=headers, body=json.dumps(event | {"data": json.loads(line.body)}).encode()
    )


def broken(*lines: Line) -> dict[str, str]:
    """The rules that a stream of these lines breaks, and what is said of each."""
    messages = [
        Message(seq, one.subject, one.headers, one.body, taken_ns=_TAKEN_NS)
        for seq, one in enumerate(lines, start=1)
    ]
    found = check_said(Stream(tuple(messages), PARTNER), [UNTOLD])
    return {one.check: one.words for one in found if one.outcome == Outcome.BROKEN}


def test_an_answer_as_the_contracts_want_it_breaks_nothing() -> None:
    assert broken(ERASED, an_answer()) == {}


WRONG: dict[str, tuple[Callable[[Line], Line], str, str]] = {
    "a field of its own": (
        lambda said: with_field(said, note="x"), "speaks", "note: Extra inputs are not permitted"
    ),
    "no time": (
        lambda said: said.with_headers("", ce_time=None), "speaks", "'time' is missing"
    ),
    "structured mode": (
        lambda said: structured(said), "speaks", "in structured mode, which not all read"
    ),
    "another key in its body": (
        lambda said: with_field(said, person_id=str(new_id())), "speaks", "the person_id of the"
    ),
    "another source": (
        lambda said: said.with_headers("", ce_source="/autre/scheduling"), "its own facts",
        "its headers say essaim.autre.scheduling.person.forgotten",
    ),
    "another id for the server": (
        lambda said: said.with_headers("", Nats_Msg_Id="x"), "ids", "has the Nats-Msg-Id x"
    ),
    "another correlation": (
        lambda said: said.with_headers("", ce_correlationid="x"), "causes", "ce-correlationid x"
    ),
    "no cause": (
        lambda said: said.with_headers("", ce_causationid=None), "causes", "no person.erased as"
    ),
    "a time before its cause": (
        lambda said: said.with_headers("", ce_time="2019-03-02T08:00:00Z"), "time",
        "says 2019-03-02T08:00:00+00:00, its cause 2020-03-02T08:00:00+00:00",
    ),
    "a time to come": (
        lambda said: said.with_headers("", ce_time="2036-03-02T08:00:00Z"), "time",
        "says 2036-03-02T08:00:00+00:00, the broker took it at 2026-11-27T",
    ),
    "a word it heard": (
        lambda said: said.with_headers("", ce_note=UNTOLD), "nobody named", "holds"
    ),
}  # fmt: skip


@pytest.mark.parametrize("wrong", WRONG)
def test_what_is_said_wrongly_breaks_its_rule_alone(wrong: str) -> None:
    spoil, rule, words = WRONG[wrong]
    found = broken(ERASED, spoil(an_answer()))
    assert list(found) == [rule]
    assert words in found[rule]


def test_the_same_answer_twice_is_told() -> None:
    first = an_answer()
    assert list(broken(ERASED, first, an_answer())) == ["said once"]
    assert list(broken(ERASED, first, first)) == ["ids", "said once"]


def test_what_is_not_among_what_it_says_is_told() -> None:
    type = "essaim.scheduling.lune.decrochee.v1"
    key = ERASED.headers["ce-subject"]
    said = replace(
        an_answer().with_headers("", ce_type=type), subject=f"essaim.premices.{type[7:]}.{key}"
    )
    assert "is not among what it says" in broken(ERASED, said)["its own facts"]


def test_answers_about_one_key_out_of_order_are_told() -> None:
    first, second = SCRIPT.erasure(new_id()), SCRIPT.erasure(new_id())
    progressed = SCRIPT.fact(0, ProjectProgressed)
    early, late = (as_answer(a_line(progressed), cause) for cause in (first, second))
    assert broken(first, second, early, late) == {}
    assert list(broken(first, second, late, early)) == ["order"]


def a_line(fact: Fact) -> Line:
    return line(fact, "premices", BEGINNING, "")


@pytest.mark.parametrize("partner", CONSORTIUM.partners, ids=lambda partner: partner.service)
def test_the_kit_plays_only_what_its_own_reader_takes_or_refuses_as_it_says(
    partner: Partner,
) -> None:
    """Sound lines are believed; malformed and forged ones are not."""
    script = Script(CONSORTIUM, partner)

    def believed(line: Line) -> bool:
        try:
            return read_fact(Message(1, line.subject, line.headers, line.body)) is not None
        except Unreadable:
            return False

    sound = [*script.golden(), *script.edition(1), *script.edition(1, "minimal")]
    assert [one.what for one in sound if not believed(one)] == []
    wrong = [*script.malformed(1), *script.forged(1), *script.forged_erasures()]
    assert [one.what for one in wrong if believed(one)] == []


def test_counts_that_differ_are_told_by_type() -> None:
    assert differing({"a": 2, "b": 1}, {"a": 2, "c": 1}) == [
        "it counts 0 × b, there are 1", "it counts 1 × c, there are 0"
    ]  # fmt: skip


def test_the_script_is_about_other_things_in_each_edition() -> None:
    keys = [{one.headers["ce-subject"] for one in SCRIPT.edition(number)} for number in (1, 2)]
    assert not keys[0] & keys[1]
    assert all(from_message(one.headers, one.body) for one in SCRIPT.edition(1))
