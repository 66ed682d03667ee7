"""Prizes and trophies of a cohort: prepared by the jury, announced together, handed over."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from essaim import Refusal, Role, Work
from essaim.people.directory import names_of, people_with_role
from essaim.text.departments import department_name
from essaim.web import (
    SignedIn,
    export_csv,
    gettext_of,
    may,
    path_for,
    read_form,
    redirect,
    render,
    runtime_of,
    submitted,
    today_of,
)
from essaim_contracts.words import PRIZE_KINDS
from fastapi import APIRouter, Depends, Request, Response
from starlette.datastructures import FormData

from candidatures import commands, lists, store
from candidatures.access.project import (
    cohort_of_jury,
    coordinated_cohort,
    coordinated_prize,
    coordinated_trophy,
)
from candidatures.ceremony import (
    PreparedTrophy,
    PrizeState,
    StandingPrize,
    not_awarded,
    worth_of,
)
from candidatures.cohort import Cohort
from candidatures.labels import PRIZE_STATES
from candidatures.pages.steering import act_or_again, by_name
from candidatures.schemas.trophy import DeliveryBody, MoveBody, PreparedBody

router = APIRouter(include_in_schema=False)


@router.get("/cohorts/{cohort_id}/trophies", name="trophies")
def trophies(request: Request, cohort_id: UUID, person: SignedIn) -> Response:
    """The prizes and how far each has come, and the trophies in their running order."""
    return _trophies_page(request, cohort_id)


def _trophies_page(
    request: Request,
    cohort_id: UUID,
    refusal: Refusal | None = None,
    written: FormData | None = None,
) -> Response:
    with runtime_of(request).read() as db:
        cohort = cohort_of_jury(request, db, cohort_id)
        listing, query = lists.prize_listing(), lists.prizes(cohort.edition_id)
        if request.query_params.get("format") == "csv":
            return export_csv(request, listing, query, f"{cohort_id}.csv")
        page = listing.page(request, db, query)
        known = _known(request, db, cohort)
        organisations = store.programme.organisations_of(db, cohort.programme)
        edition = store.programme.edition_of(db, cohort.edition_id)
    return render(
        request,
        "trophies.html",
        refusal=refusal,
        page=page,
        values=written or {"awarded_on": today_of(request).isoformat()},
        ticked=written.getlist("prizes") if written else [],
        jury=written.getlist("jury_ids") if written else [],
        organisations=[one for one in organisations if one.name],
        edition=edition,
        standing_prize=store.trophy.standing_prize,
        prize_states=PRIZE_STATES,
        coordinates=may(request, Role.COORDINATOR, programme=cohort.programme),
        today=today_of(request),
        **known,
    )


def _known(request: Request, db: sa.Connection, cohort: Cohort) -> dict[str, Any]:
    """What both pages show of a ceremony."""
    prizes = store.trophy.standing_of(db, cohort.edition_id)
    prepared = store.trophy.of_cohort(db, cohort.id)
    today, slug = today_of(request), cohort.programme
    return {
        "cohort": cohort,
        "prizes": prizes,
        "trophies": prepared,
        "beside": _beside(prepared, prizes),
        "worth": worth_of(prizes),
        "codes": {one.id: one.code for one in store.trophy.prizes_of(db, cohort.edition_id)},
        "projects": store.project.of_cohort(db, cohort.id),
        "members": by_name(people_with_role(db, Role.COMMITTEE_MEMBER, today, slug)),
        "people": names_of(db, [id for one in prepared for id in one.bearer_ids]),
        "free": [one for one in prizes if one.state == PrizeState.PROMISED],
        "prize_kinds": PRIZE_KINDS,
    }


def _beside(
    trophies: Sequence[PreparedTrophy], prizes: Sequence[StandingPrize]
) -> dict[UUID, list[StandingPrize]]:
    return {trophy.id: [one for one in prizes if one.trophy_id == trophy.id] for trophy in trophies}


@router.post("/cohorts/{cohort_id}/trophies")
def prepare(
    request: Request, cohort_id: UUID, person: SignedIn, form: FormData = Depends(submitted)
) -> Response:
    """Set a trophy last in the running order."""
    _ = gettext_of(request)

    def preparing(work: Work) -> None:
        coordinated_cohort(request, work.db, cohort_id)
        asked = read_form(form, PreparedBody)
        award = commands.trophy.Award(
            asked.project_id, asked.title, asked.awarded_on, asked.prizes, asked.jury_ids
        )
        commands.trophy.prepare(work, award, cohort_id)

    said = _("Le trophée est préparé. Personne n’est prévenu avant que vous l’annonciez.")
    return act_or_again(
        request,
        form,
        preparing,
        done=lambda _: redirect(request, "trophies", cohort_id=cohort_id, flash=said),
        again=lambda refusal: _trophies_page(request, cohort_id, refusal, form),
    )


@router.post("/trophies/{trophy_id}", name="change-trophy")
def change(
    request: Request, trophy_id: UUID, person: SignedIn, form: FormData = Depends(submitted)
) -> Response:
    """A prepared trophy comes earlier or later, or never was."""
    with runtime_of(request).read() as db:
        coordinated_trophy(request, db, trophy_id)
        cohort_id = store.trophy.find(db, trophy_id).cohort_id
    _ = gettext_of(request)
    takes_back = form.get("by") == "back"

    def changing(work: Work) -> None:
        if takes_back:
            commands.trophy.take_back(work, trophy_id)
        else:
            asked = read_form(form, MoveBody)
            commands.trophy.move(work, trophy_id, -1 if asked.by == "up" else 1)

    said = _("Le trophée est retiré ; ses dotations attendent un autre.") if takes_back else None
    return act_or_again(
        request,
        form,
        changing,
        done=lambda _: redirect(request, "trophies", cohort_id=cohort_id, flash=said),
        again=lambda refusal: _trophies_page(request, cohort_id, refusal),
    )


@router.get("/cohorts/{cohort_id}/ceremony", name="ceremony")
def ceremony(request: Request, cohort_id: UUID, person: SignedIn) -> Response:
    """The running order, large: on a phone in the hand, on a screen, or on paper."""
    with runtime_of(request).read() as db:
        known = _known(request, db, cohort_of_jury(request, db, cohort_id))
        members = {one.id: one.name for one in known["members"]}
    donors = {one.donor for each in known["beside"].values() for one in each if one.donor}
    return render(
        request,
        "ceremony.html",
        by_project={one.id: one for one in known["projects"]},
        jury_names=members,
        donors=sorted(donors, key=str.casefold),
        department_name=department_name,
        **known,
    )


@router.get("/cohorts/{cohort_id}/ceremony/announce", name="announce-trophies")
def ask_to_announce(request: Request, cohort_id: UUID, person: SignedIn) -> Response:
    """What announcing causes, in numbers."""
    _ = gettext_of(request)
    with runtime_of(request).read() as db:
        coordinated_cohort(request, db, cohort_id)
        waiting = [one for one in store.trophy.of_cohort(db, cohort_id) if not one.announced]
    told = {id for one in waiting for id in one.bearer_ids}
    return render(
        request,
        "confirmation.html",
        question=_("Annoncer les trophées ?"),
        consequences=[
            _.counted(
                "{number} trophée est annoncé aux partenaires.",
                "{number} trophées sont annoncés aux partenaires.",
                len(waiting),
            ),
            _.counted(
                "{number} porteur de projet reçoit un courriel.",
                "{number} porteurs de projet reçoivent un courriel.",
                len(told),
            ),
            _("Un trophée annoncé ne se reprend plus."),
        ],
        action=path_for(request, "announce-trophies", cohort_id=cohort_id),
        button=_("Annoncer les trophées"),
        back=path_for(request, "trophies", cohort_id=cohort_id),
    )


@router.post("/cohorts/{cohort_id}/ceremony/announce")
def announce(
    request: Request, cohort_id: UUID, person: SignedIn, form: FormData = Depends(submitted)
) -> Response:
    _ = gettext_of(request)

    def announcing(work: Work) -> int:
        coordinated_cohort(request, work.db, cohort_id)
        return commands.trophy.announce(work, cohort_id)

    def said(count: int) -> str:
        return _.counted("{number} trophée annoncé.", "{number} trophées annoncés.", count)

    return act_or_again(
        request,
        form,
        announcing,
        done=lambda count: redirect(request, "trophies", cohort_id=cohort_id, flash=said(count)),
        again=lambda refusal: _trophies_page(request, cohort_id, refusal),
    )


@router.post("/prizes/{prize_id}/delivery", name="deliver-prize")
def deliver(
    request: Request, prize_id: UUID, person: SignedIn, form: FormData = Depends(submitted)
) -> Response:
    """A prize reached its project: on which day, handed over by whom."""
    with runtime_of(request).read() as db:
        coordinated_prize(request, db, prize_id)
        found = store.trophy.find_standing(db, prize_id)
        if found.trophy_id is None:
            raise not_awarded(found)
        cohort_id = store.trophy.find(db, found.trophy_id).cohort_id
    _ = gettext_of(request)

    def delivering(work: Work) -> None:
        asked = read_form(form, DeliveryBody)
        commands.trophy.deliver(work, prize_id, asked.delivered_on, asked.delivered_by)

    return act_or_again(
        request,
        form,
        delivering,
        done=lambda _done: redirect(
            request, "trophies", cohort_id=cohort_id, flash=_("La remise est notée.")
        ),
        again=lambda refusal: _trophies_page(request, cohort_id, refusal),
    )
