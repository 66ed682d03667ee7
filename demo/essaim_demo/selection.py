"""From the programme's file to the cohort: the moments of the call and of its committee."""

import secrets
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial
from itertools import groupby
from typing import Any

from essaim.person import Role

from essaim_demo.client import NeverSo, RequestRefused, Voice
from essaim_demo.edition import Application, Written
from essaim_demo.stage import Moment, NobodyIs, Sent, Stage, day_of, together

_API = "/candidatures/api"
_PDF = b"%PDF-1.7\n% document fictif de la d\xc3\xa9monstration\n%%EOF\n"
_READING = timedelta(hours=1)
"""How long a coordinator takes to read what will be sent."""
_SPREAD = (0, 1, -1, 0)
"""How much each member of the committee is above or below the average, in turn."""


def bring_in(stage: Stage) -> None:
    """Import the programme and the tracks, and learn who is who."""
    imported = stage.operator.post_yaml(f"{_API}/programmes", stage.edition.programme)
    stage.programme = imported["programme"]
    for track in stage.edition.tracks:
        stage.operator.post_yaml("/scheduling/api/tracks", track)
    programme = stage.operator.get(f"{_API}/programmes/{stage.programme}")
    stage.organisations = {one["code"]: one["id"] for one in programme["organisations"]}
    stage.people = stage.operator.get(f"{_API}/people", programme=stage.programme)["items"]
    stage.call = stage.operator.get(f"{_API}/calls/{stage.edition.call}")
    everybody = [stage.voice(person["id"]) for person in stage.people]
    stage.wait_until_known(lambda: [one.get("/scheduling/api/feeds") for one in everybody])


def moments(stage: Stage) -> Iterator[Moment]:
    """The call opens, people apply, the committee decides, the cohort is formed."""
    _, ngettext, edition = stage._, stage._.plural, stage.edition
    opens_at, closes_at = (
        datetime.fromisoformat(stage.call[name]) for name in ("opens_at", "closes_at")
    )
    yield Moment(opens_at, _("« {title} » ouvre", title=stage.call["title"]))
    in_time = sorted(
        (one for one in edition.applications if one.sent_at < closes_at),
        key=lambda one: one.sent_at,
    )
    late = [one for one in edition.applications if one.sent_at >= closes_at]
    received = 0
    for _day, group in groupby(in_time, key=lambda one: day_of(one.sent_at)):
        batch = list(group)
        received += len(batch)
        yield Moment(
            batch[-1].sent_at,
            ngettext("{count} candidature reçue", "{count} candidatures reçues", received).format(
                count=received
            ),
            partial(_apply, stage, batch),
        )
    for one in late:
        # She began in time: only the sending comes too late.
        yield Moment(
            closes_at - timedelta(minutes=5),
            _("une candidature s’écrit encore"),
            partial(write, stage, stage.edition.call, one),
        )
    yield Moment(closes_at, _("l’appel est clos"))
    for one in late:
        yield Moment(
            one.sent_at,
            _("une candidature arrive trop tard, elle est refusée"),
            partial(_send_late, stage, one),
        )
    for one in in_time:
        if one.withdrawn_at is not None:
            words = _("une candidature est retirée")
            yield Moment(one.withdrawn_at, words, partial(_withdraw, stage, one))
    yield from _committee(stage, [one for one in in_time if one.withdrawn_at is None])


def _committee(stage: Stage, considered: list[Application]) -> Iterator[Moment]:
    _, year = stage._, stage.edition.year
    yield Moment(
        year.selection.scored_at,
        _("le comité note les candidatures ({count})", count=len(considered)),
        partial(_score, stage, considered),
    )
    yield Moment(
        year.selection.decided_at,
        _("les décisions sont appliquées ensemble ({count})", count=len(considered)),
        partial(_decide, stage, considered),
    )
    yield Moment(
        year.selection.decided_at + _READING,
        _("les réponses du comité sont relues et envoyées"),
        partial(_send_answers, stage),
    )
    yield Moment(
        year.cohort.formed_at,
        _("la « {cohort} » est formée", cohort=year.cohort.label),
        partial(_form_cohort, stage),
    )


def _apply(stage: Stage, batch: list[Application]) -> None:
    def write_and_send(one: Application) -> None:
        write(stage, stage.edition.call, one)
        send(stage, one)

    together(write_and_send, batch)


def write(stage: Stage, call: str, one: Written) -> None:
    """Begin a draft, fill it in, join its documents."""
    token = secrets.token_urlsafe(32)
    applicant = _applicant(stage, one, token)
    draft = applicant.post(f"{_API}/calls/{call}/applications", {"language": one.language})
    applicant.put(
        f"{_API}/applications/{draft['id']}",
        {"version": draft["version"], **one.fields, "answers": one.answers},
    )
    for code in one.documents:
        applicant.put_file(
            f"{_API}/applications/{draft['id']}/documents/{code}",
            f"{code}.pdf",
            _PDF,
            "application/pdf",
        )
    stage.sent[one.title] = Sent(draft["id"], draft["project_id"], token)


def send(stage: Stage, one: Written) -> None:
    sent = stage.sent[one.title]
    _applicant(stage, one, sent.token).post(f"{_API}/applications/{sent.id}/submit")


def _send_late(stage: Stage, one: Application) -> None:
    """Send after the closing, which must be refused.

    Raises:
        NeverSo: it was received all the same.
    """
    try:
        send(stage, one)
    except RequestRefused as refused:
        if refused.code != "call_closed":
            raise
        stage.refused_late += 1
    else:
        raise NeverSo(f"« {one.title} » was sent after the closing and received all the same.")


def _withdraw(stage: Stage, one: Application) -> None:
    sent = stage.sent[one.title]
    _applicant(stage, one, sent.token).post(
        f"{_API}/applications/{sent.id}/withdraw", {"reason": "bearer_choice"}
    )


def _applicant(stage: Stage, one: Written, token: str) -> Voice:
    return stage.services.applicant(token, one.language)


def _score(stage: Stage, considered: list[Application]) -> None:
    """Every member of the committee scores every application, each in her own way."""
    today = day_of(stage.edition.year.selection.scored_at)
    members = [stage.voice(id) for id in stage.who(Role.COMMITTEE_MEMBER, today)]
    if not members:
        raise NobodyIs(f"Nobody is in the committee on {today}: see programme.yaml.")
    most = {criterion["code"]: criterion["max_score"] for criterion in stage.call["criteria"]}

    def score(task: tuple[int, Voice, int, Application]) -> None:
        place, member, nth, one = task
        spread = _SPREAD[(place + nth) % len(_SPREAD)]
        points = {
            code: min(most[code], max(0, given + spread)) for code, given in one.points.items()
        }
        member.put(f"{_API}/applications/{stage.sent[one.title].id}/scores", {"points": points})

    together(
        score,
        [
            (place, member, nth, one)
            for nth, one in enumerate(considered)
            for place, member in enumerate(members)
        ],
    )


def _decide(stage: Stage, considered: list[Application]) -> None:
    """Prepare every decision, then apply them together."""
    today = day_of(stage.edition.year.selection.decided_at)
    coordinator = stage.coordinator(today)

    def prepare(one: Application) -> None:
        if one.decision is None:
            raise NobodyIs(f"« {one.title} » has no decision: see applications.yaml.")
        decision: dict[str, Any] = one.decision.model_dump(exclude_none=True)
        coordinator.put(f"{_API}/applications/{stage.sent[one.title].id}/decision", decision)

    together(prepare, considered)
    coordinator.post(f"{_API}/calls/{stage.edition.call}/decisions/apply", {})


def _send_answers(stage: Stage) -> None:
    """What the committee answers is held until its coordinator has read it."""
    coordinator = stage.coordinator(day_of(stage.edition.year.selection.decided_at))
    for held in coordinator.get("/notifications/api/outbox")["items"]:
        chosen = {"programme": held["programme"], "occasion": held["occasion"]}
        coordinator.post("/notifications/api/outbox/release", chosen)


def _form_cohort(stage: Stage) -> None:
    wanted = stage.edition.year.cohort
    cohort = stage.coordinator(day_of(wanted.formed_at)).post(
        f"{_API}/cohorts",
        {
            "call": stage.edition.call,
            "label": wanted.label,
            "starts_on": wanted.starts_on.isoformat(),
        },
    )
    stage.cohort_id, stage.edition_id = cohort["id"], cohort["edition_id"]
    stage.bearers = {one["project_id"]: one["bearer_ids"] for one in cohort["projects"]}
