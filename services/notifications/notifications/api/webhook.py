"""The JSON API of webhooks: added, changed, tested, secrets replaced, deliveries sent again."""

import json
from collections.abc import Callable
from uuid import UUID

from essaim import Work
from essaim.web import command, runtime_of, takes
from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import JSONResponse

from notifications import store
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
    ChangedWebhookBody,
    DeliveryAnswer,
    DeliveryList,
    DeliverySummary,
    MadeAnswer,
    QueuedAnswer,
    ReplayBody,
    RetryBody,
    RotateBody,
    TestAnswer,
    WebhookAnswer,
    WebhookBody,
    WebhookList,
)
from notifications.settings import box_of, settings_of
from notifications.webhook import Webhook
from notifications.webhook_delivery import DeliveryState, body_of
from notifications.webhook_target import Target

router = APIRouter(prefix="/api/webhooks", tags=["webhooks"])


@router.get("")
def list_webhooks(request: Request, person: Coordinator) -> WebhookList:
    """The webhooks of one's programmes; every one for an operator."""
    with runtime_of(request).read() as db:
        found = store.webhook.of_programmes(db, programmes_of(request, person))
        counts = store.webhook_delivery.counts(db, [one.id for one in found])
    items = [_answer(one, counts.get(one.id, {})) for one in found]
    return WebhookList(items=items, total=len(items))


@router.post("", status_code=201, response_model=MadeAnswer)
def add_webhook(request: Request, body: WebhookBody, _: Coordinator) -> Response:
    """Add a webhook, told of what is said from now on. The answer alone shows its secret."""
    require_coordination(request, body.programme)
    target = _target(request, body.url)

    def add(work: Work) -> MadeAnswer:
        made = webhooks.add(
            work,
            body.name,
            target,
            programme=body.programme,
            types=body.types,
            box=box_of(runtime_of(request)),
        )
        return MadeAnswer(id=made.id, secret=made.closed)

    return _opened(request, command(request, add, status=201))


@router.get("/{webhook_id}")
def read_webhook(request: Request, webhook_id: UUID, _: Coordinator) -> WebhookAnswer:
    """One webhook: how it fares, and how its deliveries stand."""
    found = coordinated_webhook(request, webhook_id)
    with runtime_of(request).read() as db:
        counts = store.webhook_delivery.counts(db, [webhook_id])
    return _answer(found, counts.get(webhook_id, {}))


@router.put("/{webhook_id}", status_code=204)
def change_webhook(
    request: Request, webhook_id: UUID, body: ChangedWebhookBody, _: Coordinator
) -> Response:
    """Give it another name, address or choice of facts."""
    coordinated_webhook(request, webhook_id)
    target = _target(request, body.url)
    return command(
        request,
        lambda work: webhooks.change(work, webhook_id, body.name, target, types=body.types),
    )


@router.delete("/{webhook_id}", status_code=204)
def delete_webhook(request: Request, webhook_id: UUID, _: Coordinator) -> Response:
    """It is gone, with its secrets and its deliveries."""
    return _act(request, webhook_id, webhooks.delete)


@router.post("/{webhook_id}/test", response_model=TestAnswer)
def send_test(request: Request, webhook_id: UUID, _: Coordinator) -> Response:
    """Send a test, tried once: its delivery says how it ended."""
    return _act(
        request,
        webhook_id,
        lambda work, id: TestAnswer(delivery_id=webhooks.send_test(work, id)),
    )


@router.post("/{webhook_id}/rotate", response_model=MadeAnswer)
def rotate_secret(request: Request, webhook_id: UUID, body: RotateBody, _: Coordinator) -> Response:
    """Make another secret; the old one signs too for a while."""

    def rotate(work: Work, id: UUID) -> MadeAnswer:
        made = webhooks.rotate(work, id, body.overlap_hours, box=box_of(runtime_of(request)))
        return MadeAnswer(id=made.id, secret=made.closed)

    return _opened(request, _act(request, webhook_id, rotate))


@router.post("/{webhook_id}/disable", status_code=204)
def disable_webhook(request: Request, webhook_id: UUID, _: Coordinator) -> Response:
    """Nothing leaves any more."""
    return _act(request, webhook_id, webhooks.disable)


@router.post("/{webhook_id}/enable", status_code=204)
def enable_webhook(request: Request, webhook_id: UUID, _: Coordinator) -> Response:
    """What is said from now on leaves again; ask by a date for what was missed."""
    return _act(request, webhook_id, webhooks.enable)


@router.get("/{webhook_id}/deliveries", dependencies=[Depends(takes(DELIVERIES))])
def list_deliveries(request: Request, webhook_id: UUID, _: Coordinator) -> DeliveryList:
    """Its deliveries."""
    coordinated_webhook(request, webhook_id)
    with runtime_of(request).read() as db:
        page = DELIVERIES.page(request, db, store.webhook_delivery.listed(webhook_id))
    items = [DeliverySummary.model_validate(row) for row in page.rows]
    return DeliveryList(items=items, total=page.total)


@router.get("/{webhook_id}/deliveries/{delivery_id}")
def read_delivery(
    request: Request, webhook_id: UUID, delivery_id: UUID, _: Coordinator
) -> DeliveryAnswer:
    """One delivery: what is posted, and how its last try ended."""
    found = coordinated_delivery(request, webhook_id, delivery_id)
    shown = DeliverySummary.model_validate(found).model_dump()
    return DeliveryAnswer(**shown, answer=found.answer, body=body_of(found).decode())


@router.post("/{webhook_id}/retry", response_model=QueuedAnswer)
def retry_deliveries(
    request: Request, webhook_id: UUID, body: RetryBody, _: Coordinator
) -> Response:
    """Send some deliveries again, under the ids they had."""
    return _act(
        request,
        webhook_id,
        lambda work, id: QueuedAnswer(queued=deliveries.retry(work, body.deliveries, id)),
    )


@router.post("/{webhook_id}/replay", response_model=QueuedAnswer)
def replay_facts(request: Request, webhook_id: UUID, body: ReplayBody, _: Coordinator) -> Response:
    """Send what was told since then, each under the id it had."""

    def replay(work: Work, id: UUID) -> QueuedAnswer:
        queued = deliveries.replay(work, id, body.since, only_missed=body.only_missed)
        return QueuedAnswer(queued=queued)

    return _act(request, webhook_id, replay)


def _act(request: Request, webhook_id: UUID, act: Callable[[Work, UUID], object]) -> Response:
    coordinated_webhook(request, webhook_id)
    return command(request, lambda work: act(work, webhook_id))


def _opened(request: Request, answer: Response) -> Response:
    """With the secret that is shown once; it is closed in the answer that is kept for its twin."""
    said = json.loads(bytes(answer.body))
    said["secret"] = box_of(runtime_of(request)).open(said["secret"])
    again = answer.headers.get("idempotent-replay")
    headers = {"Cache-Control": "no-store"} | ({"Idempotent-Replay": again} if again else {})
    return JSONResponse(said, answer.status_code, headers)


def _target(request: Request, url: str) -> Target:
    return checked_target(url, settings_of(runtime_of(request)).allowed_networks)


def _answer(webhook: Webhook, counts: dict[DeliveryState, int]) -> WebhookAnswer:
    return WebhookAnswer.model_validate(webhook).model_copy(update={"deliveries": counts})
