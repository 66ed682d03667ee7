"""What is under way when the play stops: the next call, its reviews, sessions left to act on."""

from collections.abc import Iterator
from functools import partial

from essaim_demo import selection, year
from essaim_demo.edition import BegunApplication, LetterToMany, Next
from essaim_demo.stage import Moment, Stage, day_of


def moments(stage: Stage) -> Iterator[Moment]:
    """All that the file of what follows says, in no order; nothing without one."""
    _, ngettext, now = stage._, stage._.plural, stage.edition.next
    if now is None:
        return
    for one in now.applications:
        words = (
            _("une candidature à l’appel suivant s’écrit")
            if one.is_draft
            else _("une candidature à l’appel suivant est reçue")
        )
        yield Moment(one.written_at, words, partial(_apply, stage, now.call, one))
    count = sum(not one.is_draft for one in now.applications)
    words = ngettext("{count} dossier est confié", "{count} dossiers sont confiés", count)
    yield Moment(now.reviews.given_at, words.format(count=count), partial(_share_out, stage, now))
    for session in now.sessions:
        words = _("« {title} » est mise au calendrier", title=session.title)
        yield Moment(session.planned_at, words, partial(year.plan, stage, session))
    for series in now.appointments:
        yield year.planned_together(stage, series)
    for letter in now.letters:
        words = _("une lettre attend d’être relue : « {subject} »", subject=letter.subject)
        yield Moment(letter.written_at, words, partial(_write_letter, stage, letter))


def _apply(stage: Stage, call: str, one: BegunApplication) -> None:
    selection.write(stage, call, one)
    if not one.is_draft:
        selection.send(stage, one)


def _share_out(stage: Stage, now: Next) -> None:
    stage.coordinator(day_of(now.reviews.given_at)).post(
        f"/candidatures/api/calls/{now.call}/assignment/even",
        {"each": now.reviews.each, "due_on": now.reviews.due_on.isoformat()},
    )


def _write_letter(stage: Stage, letter: LetterToMany) -> None:
    """It is held: whoever coordinates finds it in the outbox."""
    stage.coordinator(day_of(letter.written_at)).post(
        f"/notifications/api/letters/{stage.programme}",
        {
            "audience": f"cohort:{stage.cohort_id}" if letter.to == "cohort" else letter.to,
            "fr": {"subject": letter.subject, "body": letter.body},
            "en": {"subject": letter.subject_en, "body": letter.body_en},
        },
    )
