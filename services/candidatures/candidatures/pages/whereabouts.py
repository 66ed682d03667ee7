"""Where an application stands, as its applicant reads it: what was done, and what comes next."""

from dataclasses import dataclass

from essaim.web import gettext_of, path_for, runtime_of
from essaim_contracts.candidatures import Decision
from essaim_contracts.words import DECISIONS
from fastapi import Request

from candidatures.application import Application, ApplicationState
from candidatures.call import Call, CallState
from candidatures.cohort import Cohort


@dataclass(frozen=True)
class Step:
    """`now` is what is being waited for; `address` is a page that shows more."""

    text: str
    done: bool = False
    now: bool = False
    address: str = ""
    link: str = ""
    """What its link is called; the page of the project, where nothing is said."""


def steps_of(
    request: Request,
    application: Application,
    call: Call,
    decided: str | None,
    cohort: Cohort | None,
) -> list[Step]:
    """`decided` is the decision that was applied, `cohort` the one of its call."""
    _, now = gettext_of(request), runtime_of(request).clock.now()
    received = Step(_("Reçue le {at}.", at=application.received_at), done=True)
    if application.state == ApplicationState.WITHDRAWN:
        return [received, Step(_("Retirée le {at}.", at=application.withdrawn_at), done=True)]
    is_closed = call.state(now) == CallState.CLOSED
    closing = (
        _("L’appel est fermé depuis le {at}.", at=call.closes_at)
        if is_closed
        else _("L’appel ferme le {at} : vous pouvez la retirer jusque-là et après.",
               at=call.closes_at)
    )  # fmt: skip
    steps = [received, Step(closing, done=is_closed, now=not is_closed)]
    if decided is None:
        waiting = _("Le comité lit et note tous les dossiers, puis décide.")
        answer = _("La réponse vient par courriel, à l’adresse que vous avez donnée.")
        return [*steps, Step(waiting, now=is_closed), Step(answer)]
    said = _("Réponse : {decision}.", decision=_(DECISIONS[decided]))
    steps.append(Step(said, done=True))
    if decided != Decision.SELECTED:
        return steps
    if cohort is None:
        return [*steps, Step(_("La promotion se forme : un message vous y accueillera."), now=True)]
    project = path_for(request, "project", project_id=application.project_id)
    begins = _("« {cohort} » commence le {day}.", cohort=cohort.label, day=cohort.starts_on)
    return [*steps, Step(begins, done=cohort.starts_on <= now.date(), address=project)]
