"""The pages of webhooks: which there are, what one is told of, what it took, its secret."""

from collections.abc import Callable
from datetime import datetime, time
from typing import Annotated, Any
from uuid import UUID

from essaim import Person, Refusal, Role, Work
from essaim.clock import PARIS
from essaim.consortium.partners import is_forgetting
from essaim.web import (
    N_,
    act,
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
from essaim.web.site import language_of
from essaim_contracts.words import FACT_TYPES
from fastapi import APIRouter, Depends, Request, Response
from starlette.datastructures import FormData

from notifications import labels, store
from notifications.access import (
    Coordinator,
    coordinated_delivery,
    coordinated_webhook,
    programmes_of,
    require_coordination,
)
from notifications.commands import webhook as webhooks
from notifications.commands import webhook_delivery as deliveries
from notifications.http_post import checked_target
from notifications.lists import DELIVERIES
from notifications.schemas.webhook import (
    ReplayForm,
    RetryForm,
    RotateForm,
    Told,
    WebhookForm,
)
from notifications.settings import box_of, settings_of
from notifications.webhook import OVERLAP, Webhook
from notifications.webhook_delivery import DeliveryState, body_of
from notifications.webhook_target import Target

router = APIRouter(include_in_schema=False)

Form = Annotated[FormData, Depends(submitted)]


@router.get("/webhooks", name="webhooks")
def home(request: Request, person: Coordinator) -> Response:
    """The webhooks of one's programmes, and how each fares."""
    programmes = programmes_of(request, person)
    with runtime_of(request).read() as db:
        found = store.webhook.of_programmes(db, programmes)
        counts = store.webhook_delivery.counts(db, [one.id for one in found])
    return render(
        request,
        "webhooks.html",
        webhooks=found,
        counts=counts,
        names=_programme_names(request),
        labels=labels,
    )


# ---- adding and changing one


@router.get("/webhooks/new", name="new-webhook")
def new(request: Request, person: Coordinator) -> Response:
    return _form(request, person, None, None)


@router.post("/webhooks", name="add-webhook")
def add(request: Request, person: Coordinator, form: Form) -> Response:
    """The page that answers shows the secret, once."""
    try:
        said = read_form(form, WebhookForm)
        require_coordination(request, said.programme)
        target, types = _target(request, said.url), said.chosen_types

        def adding(work: Work) -> dict[str, str]:
            made = webhooks.add(
                work,
                said.name,
                target,
                programme=said.programme,
                types=types,
                box=box_of(runtime_of(request)),
            )
            return {"id": str(made.id), "name": said.name, "secret": made.closed}

        return _secret(request, act(request, form, adding))
    except Refusal as refusal:
        if refusal.status == 403:
            raise
        return _form(request, person, None, form, refusal)


@router.get("/webhooks/{webhook_id}/edit", name="edit-webhook")
def edit(request: Request, webhook_id: UUID, person: Coordinator) -> Response:
    webhook = coordinated_webhook(request, webhook_id)
    return _form(request, person, webhook, webhook)


@router.post("/webhooks/{webhook_id}/edit")
def change(request: Request, webhook_id: UUID, person: Coordinator, form: Form) -> Response:
    webhook = coordinated_webhook(request, webhook_id)
    try:
        said = read_form(form, WebhookForm)
        target, types = _target(request, said.url), said.chosen_types
        act(
            request,
            form,
            lambda work: webhooks.change(work, webhook_id, said.name, target, types=types),
        )
    except Refusal as refusal:
        return _form(request, person, webhook, form, refusal)
    return _back(request, webhook_id, N_("Le webhook est changé."))


def _form(
    request: Request,
    person: Person,
    webhook: Webhook | None,
    shown: Webhook | FormData | None,
    refusal: Refusal | None = None,
) -> Response:
    language = language_of(request)
    return render(
        request,
        "webhook_form.html",
        refusal=refusal,
        webhook=webhook,
        shown=_shown(shown),
        programmes=_choices(request, person),
        may_hear_all=may(request, Role.OPERATOR),
        # That a service forgot a person is told in no programme, for the keeper alone to hear.
        type_choices=[
            (type, one.label(language))
            for type, one in FACT_TYPES.items()
            if not is_forgetting(type)
        ],
        told=Told,
    )


def _shown(shown: Webhook | FormData | None) -> dict[str, Any]:
    """What the fields hold: of a webhook, or of what was typed."""
    if isinstance(shown, Webhook):
        told = Told.EVERYTHING if shown.types is None else Told.CHOSEN
        types = list(shown.types or ())
        return {"name": shown.name, "url": shown.url, "told": told, "types": types}
    empty = {"name": "", "url": "", "programme": "", "told": Told.EVERYTHING}
    typed = {} if shown is None else dict(shown) | {"types": shown.getlist("types")}
    return empty | {"types": []} | typed


def _choices(request: Request, person: Person) -> list[tuple[str, str]]:
    """The programmes whose facts she may pass on."""
    names = _programme_names(request)
    hers = programmes_of(request, person)
    slugs = names.keys() if hers is None else hers
    return [(slug, names.get(slug, slug)) for slug in sorted(slugs)]


def _programme_names(request: Request) -> dict[str, str]:
    with runtime_of(request).read() as db:
        return {slug: slug for slug in store.fact.programmes(db)} | store.programme.all_names(db)


def _target(request: Request, url: str) -> Target:
    return checked_target(url, settings_of(runtime_of(request)).allowed_networks)


# ---- one of them


@router.get("/webhooks/{webhook_id}", name="webhook")
def webhook(request: Request, webhook_id: UUID, _: Coordinator) -> Response:
    """How it fares, and its deliveries."""
    return _webhook(request, coordinated_webhook(request, webhook_id))


def _webhook(request: Request, webhook: Webhook, refusal: Refusal | None = None) -> Response:
    with runtime_of(request).read() as db:
        page = DELIVERIES.page(request, db, store.webhook_delivery.listed(webhook.id))
        counts = store.webhook_delivery.counts(db, [webhook.id]).get(webhook.id, {})
    return render(
        request,
        "webhook.html",
        refusal=refusal,
        webhook=webhook,
        page=page,
        counts=counts,
        names=_programme_names(request),
        today=today_of(request),
        labels=labels,
    )


@router.get("/webhooks/{webhook_id}/deliveries/{delivery_id}", name="webhook-delivery")
def delivery(request: Request, webhook_id: UUID, delivery_id: UUID, _: Coordinator) -> Response:
    webhook = coordinated_webhook(request, webhook_id)
    found = coordinated_delivery(request, webhook_id, delivery_id)
    return render(
        request,
        "webhook_delivery.html",
        webhook=webhook,
        delivery=found,
        body=body_of(found).decode(),
        may_leave=webhook.is_enabled and found.state != DeliveryState.SENDING,
        labels=labels,
    )


@router.post("/webhooks/{webhook_id}/test", name="test-webhook")
def send_test(request: Request, webhook_id: UUID, _: Coordinator, form: Form) -> Response:
    """Leads to the delivery, which says how it ended."""
    webhook = coordinated_webhook(request, webhook_id)
    try:
        id = act(request, form, lambda work: webhooks.send_test(work, webhook_id))
    except Refusal as refusal:
        return _webhook(request, webhook, refusal)
    said = gettext_of(request)(N_("L’essai part. Rechargez la page pour voir la réponse."))
    return redirect(request, "webhook-delivery", webhook_id=webhook_id, delivery_id=id, flash=said)


@router.post("/webhooks/{webhook_id}/retry", name="retry-deliveries")
def retry(request: Request, webhook_id: UUID, _: Coordinator, form: Form) -> Response:
    coordinated_webhook(request, webhook_id)
    chosen = read_form(form, RetryForm).deliveries
    if not chosen:
        return _back(request, webhook_id, N_("Cochez d’abord les envois à refaire."))
    return _change(
        request,
        webhook_id,
        form,
        lambda work, id: deliveries.retry(work, chosen, id),
        N_("Les envois choisis repartent."),
    )


@router.post("/webhooks/{webhook_id}/replay", name="replay-facts")
def replay(request: Request, webhook_id: UUID, _: Coordinator, form: Form) -> Response:
    webhook = coordinated_webhook(request, webhook_id)
    gettext = gettext_of(request)
    try:
        said = read_form(form, ReplayForm)
        since = datetime.combine(said.since, time(), PARIS)
        queued = act(
            request,
            form,
            lambda work: deliveries.replay(
                work, webhook_id, since, only_missed=not said.everything
            ),
        )
    except Refusal as refusal:
        return _webhook(request, webhook, refusal)
    flash = gettext("Envois qui repartent : {count}.", count=queued)
    return redirect(request, "webhook", webhook_id=webhook_id, flash=flash)


@router.post("/webhooks/{webhook_id}/disable", name="disable-webhook")
def disable(request: Request, webhook_id: UUID, _: Coordinator, form: Form) -> Response:
    done = N_("Plus rien ne part vers cette adresse. Vous pouvez la réactiver.")
    return _change(request, webhook_id, form, webhooks.disable, done)


@router.post("/webhooks/{webhook_id}/enable", name="enable-webhook")
def enable(request: Request, webhook_id: UUID, _: Coordinator, form: Form) -> Response:
    done = N_("Ce qui se dit désormais part de nouveau. Pour ce qui a manqué, choisissez une date.")
    return _change(request, webhook_id, form, webhooks.enable, done)


# ---- its secret, its end


@router.get("/webhooks/{webhook_id}/rotate", name="rotate-secret")
def ask_to_rotate(request: Request, webhook_id: UUID, _: Coordinator) -> Response:
    return _rotation(request, coordinated_webhook(request, webhook_id))


@router.post("/webhooks/{webhook_id}/rotate")
def rotate(request: Request, webhook_id: UUID, _: Coordinator, form: Form) -> Response:
    """The page that answers shows the new secret, once."""
    webhook = coordinated_webhook(request, webhook_id)

    def rotating(work: Work) -> dict[str, str]:
        box = box_of(runtime_of(request))
        made = webhooks.rotate(work, webhook_id, said.overlap_hours, box=box)
        return {"id": str(made.id), "name": webhook.name, "secret": made.closed}

    try:
        said = read_form(form, RotateForm)
        return _secret(request, act(request, form, rotating))
    except Refusal as refusal:
        return _rotation(request, webhook, refusal)


def _rotation(request: Request, webhook: Webhook, refusal: Refusal | None = None) -> Response:
    return render(
        request,
        "webhook_rotate.html",
        refusal=refusal,
        webhook=webhook,
        hours=int(OVERLAP.total_seconds() // 3600),
    )


def _secret(request: Request, made: dict[str, str]) -> Response:
    secret = box_of(runtime_of(request)).open(made["secret"])
    response = render(request, "webhook_secret.html", made=made | {"secret": secret})
    response.headers["Cache-Control"] = "no-store"
    return response


@router.get("/webhooks/{webhook_id}/delete", name="delete-webhook")
def ask_to_delete(request: Request, webhook_id: UUID, _: Coordinator) -> Response:
    gettext = gettext_of(request)
    webhook = coordinated_webhook(request, webhook_id)
    return render(
        request,
        "confirmation.html",
        question=gettext("Supprimer le webhook « {name} » ?", name=webhook.name),
        consequences=[
            gettext("Plus rien ne part vers {url}.", url=webhook.url),
            gettext("Son secret et le suivi de ses envois disparaissent."),
            gettext("Cela ne se défait pas : pour l’arrêter un temps, désactivez-le."),
        ],
        action=path_for(request, "delete-webhook", webhook_id=webhook_id),
        button=gettext("Supprimer"),
        back=path_for(request, "webhook", webhook_id=webhook_id),
    )


@router.post("/webhooks/{webhook_id}/delete")
def delete(request: Request, webhook_id: UUID, _: Coordinator, form: Form) -> Response:
    coordinated_webhook(request, webhook_id)
    act(request, form, lambda work: webhooks.delete(work, webhook_id))
    return redirect(request, "webhooks", flash=gettext_of(request)(N_("Le webhook est supprimé.")))


def _change(
    request: Request,
    webhook_id: UUID,
    form: FormData,
    change: Callable[[Work, UUID], object],
    done: str,
) -> Response:
    webhook = coordinated_webhook(request, webhook_id)
    try:
        act(request, form, lambda work: change(work, webhook_id))
    except Refusal as refusal:
        return _webhook(request, webhook, refusal)
    return _back(request, webhook_id, done)


def _back(request: Request, webhook_id: UUID, done: str) -> Response:
    return redirect(request, "webhook", webhook_id=webhook_id, flash=gettext_of(request)(done))
