"""Webhooks leave: to each one delivery at a time, in the order of the stream; many at once.

A delivery is marked `sending` and committed, posted with no transaction open, then marked by the
answer. If the service dies in between it is posted again, under the same `webhook-id`: at least
once, and a reader can tell.
"""

import asyncio
from datetime import UTC, datetime
from importlib.metadata import version
from uuid import UUID

import sqlalchemy as sa
import structlog
from essaim.keeping.database import in_words, is_outage
from essaim.loops import cancel, goes_on, said_once, wait_for, waits
from essaim.refusal import Refusal
from essaim.running.runtime import Runtime
from essaim.threads import in_thread
from standardwebhooks.webhooks import Webhook as Signer

from notifications import store
from notifications.commands import webhook as webhooks
from notifications.commands import webhook_delivery as deliveries
from notifications.commands.message import REAL_TIME
from notifications.commands.webhook_delivery import Claimed
from notifications.http_post import Resolve, connection_to, post, resolve
from notifications.settings import box_of, settings_of
from notifications.webhook_delivery import Tried, Trouble, body_of
from notifications.webhook_target import Target, read_target
from notifications.worker import run_to_its_end

log = structlog.get_logger()

POLL_SECONDS = 2.0
"""A net, for what another instance queued and what waits for its next try."""
AT_ONCE = 64
"""Webhooks posted to at the same time: none waits for a slow one."""
IN_A_ROW = 100
"""Deliveries to one webhook over one connection, before others have their turn."""
PAUSE = 1.0
LAST_MOMENT = 3.0
"""Seconds that what is in hand has when we end; what is cut off is posted again when we begin."""

_AGENT = f"Essaim/{version('essaim-notifications')}"


async def deliver_webhooks(runtime: Runtime) -> None:
    """The worker. When it is cancelled, what is in hand has a moment to be finished first."""
    await run_to_its_end(Worker(runtime), runtime, LAST_MOMENT)


class Worker:
    """Delivers what is due until `stopping` is set; sleeps until `woken` when nothing is."""

    def __init__(self, runtime: Runtime, resolve: Resolve = resolve) -> None:
        self.stopping = asyncio.Event()
        self.woken = asyncio.Event()
        self._runtime = runtime
        self._resolve = resolve
        self._busy: dict[UUID, asyncio.Task[None]] = {}
        self._recovered = False

    async def run(self) -> None:
        try:
            while not self.stopping.is_set():
                self.woken.clear()
                rest, pause = self.woken, POLL_SECONDS
                try:
                    await self._start_due()
                    goes_on()
                except sa.exc.SQLAlchemyError as error:
                    # A claim whose commit got no answer may have been made.
                    self._recovered = False
                    rest, pause = self.stopping, PAUSE
                    waits(f"webhooks wait for the database: {type(error).__name__}")
                await wait_for(rest, pause)
            if self._busy:
                await asyncio.wait(set(self._busy.values()))
        finally:
            await cancel(list(self._busy.values()))

    async def _start_due(self) -> None:
        """Begin with each webhook for which something may leave, but those that are in hand.

        Raises:
            Exception: what one of those that ended broke on; it is no webhook's fault.
        """
        self._take_leave()
        if not self._recovered:
            await in_thread(_recover, self._runtime, list(self._busy))
            self._recovered = True
        room = AT_ONCE - len(self._busy)
        for id in await in_thread(_due, self._runtime, list(self._busy), room):
            task = self._busy[id] = asyncio.create_task(self._deliver(id))
            task.add_done_callback(lambda _: self.woken.set())

    def _take_leave(self) -> None:
        ended = [id for id, task in self._busy.items() if task.done()]
        failures = [self._busy.pop(id).exception() for id in ended]
        for failure in filter(None, failures):
            raise failure

    async def _deliver(self, webhook_id: UUID) -> None:
        """Deliver what is due to one webhook, as long as it takes it and there is some."""
        claimed = await in_thread(_claim, self._runtime, webhook_id)
        while claimed is not None:
            if not claimed.secrets:
                log.error("no secret of a webhook opens", webhook=str(webhook_id))
                tried = Tried(trouble=Trouble.UNSIGNABLE)
                claimed = await self._end_try(claimed, tried, goes_on=False)
                continue
            try:
                target = read_target(claimed.webhook.url)
            except Refusal as refusal:
                # An earlier version allowed it.
                tried = Tried(trouble=Trouble.FORBIDDEN_ADDRESS, answer=str(refusal))
                claimed = await self._end_try(claimed, tried, goes_on=False)
            else:
                claimed = await self._deliver_in_a_row(claimed, target)

    async def _deliver_in_a_row(self, claimed: Claimed, target: Target) -> Claimed | None:
        """Answers what is in hand when the webhook leads elsewhere meanwhile; else None."""
        networks = settings_of(self._runtime).allowed_networks
        async with connection_to(target, networks, self._resolve) as pool:
            for left in reversed(range(IN_A_ROW)):
                body = body_of(claimed.delivery)
                tried = await post(pool, target, headers_of(claimed, body), body)
                goes_on = tried.is_taken and left > 0 and not self.stopping.is_set()
                following = await self._end_try(claimed, tried, goes_on)
                if following is None or following.webhook.url != claimed.webhook.url:
                    return following
                claimed = following
        return None

    async def _end_try(self, claimed: Claimed, tried: Tried, goes_on: bool) -> Claimed | None:
        """Save how a try ended and claim the next one. While the database is out, we keep it."""
        words = None
        while True:
            try:
                return await in_thread(_end_try, self._runtime, claimed, tried, goes_on)
            except sa.exc.SQLAlchemyError as error:
                if not is_outage(error) or self.stopping.is_set():
                    raise
                said = "the end of a delivery waits for the database"
                words = said_once(said, in_words(error), words)
            await wait_for(self.stopping, PAUSE)


def headers_of(claimed: Claimed, body: bytes) -> dict[str, str]:
    """Those of Standard Webhooks: a signature by each secret that is valid now."""
    now, id = datetime.now(UTC), str(claimed.delivery.id)
    signed = [Signer(secret).sign(id, now, body.decode()) for secret in claimed.secrets]
    return {
        "Content-Type": "application/json",
        "User-Agent": _AGENT,
        "webhook-id": id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(signed),
    }


def _recover(runtime: Runtime, busy: list[UUID]) -> None:
    with runtime.work() as work:
        deliveries.recover_interrupted(work, busy)
        webhooks.close_secrets_again(work, box_of(runtime))


def _due(runtime: Runtime, busy: list[UUID], room: int) -> list[UUID]:
    with runtime.read() as db:
        return store.webhook_delivery.due_webhooks(db, REAL_TIME.now(), busy, room)


def _claim(runtime: Runtime, webhook_id: UUID) -> Claimed | None:
    with runtime.work() as work:
        return deliveries.claim(work, webhook_id, box_of(runtime))


def _end_try(runtime: Runtime, claimed: Claimed, tried: Tried, goes_on: bool) -> Claimed | None:
    """One transaction a delivery: its end, and the next one in hand."""
    with runtime.work() as work:
        deliveries.end_try(work, claimed, tried)
        if not goes_on:
            return None
        return deliveries.claim(work, claimed.webhook.id, box_of(runtime))
