"""Letters that time sends to addresses the directory need not know: reminders, opened calls."""

from functools import partial
from itertools import count

import structlog
from essaim.broker.asking import AskFailed
from essaim.loops import goes_on, rest
from essaim.running.runtime import Runtime
from essaim.threads import in_thread
from essaim_contracts.questions import SendCallOpened, SendDraftReminder

from candidatures.commands import call_watch, draft_reminder

log = structlog.get_logger()

EVERY_SECONDS = 60.0


async def send_letters(runtime: Runtime) -> None:
    """Every minute, for as long as this instance holds the lease."""
    for _minute in count():
        await rest(EVERY_SECONDS)
        await in_thread(partial(send_due, runtime))
        goes_on()


def send_due(runtime: Runtime) -> None:
    """Each is noted before it is asked for, and that is taken back where nobody took the letter."""
    while _remind(runtime) or _tell(runtime):
        pass


def _remind(runtime: Runtime) -> bool:
    with runtime.work() as work:
        taken = draft_reminder.take_due(work)
    if taken is None:
        return False
    question = SendDraftReminder(
        email=taken.draft.address or "",
        token=taken.token,
        call_title=taken.call.title.say(taken.draft.language),
        closes_at=taken.call.closes_at,
        missing=taken.missing,
        language=taken.draft.language,
    )
    try:
        runtime.ask_blocking(question)
    except (AskFailed, TimeoutError) as error:
        log.warning("draft not reminded of", error=type(error).__name__)
        with runtime.work() as work:
            draft_reminder.give_back(work, taken)
        return False
    return True


def _tell(runtime: Runtime) -> bool:
    with runtime.work() as work:
        taken = call_watch.take_due(work)
    if taken is None:
        return False
    watch, call = taken.watch, taken.call
    question = SendCallOpened(
        email=watch.email,
        slug=call.slug,
        call_title=call.title.say(watch.language),
        programme_name=call.programme_name,
        closes_at=call.closes_at,
        language=watch.language,
    )
    try:
        runtime.ask_blocking(question)
    except (AskFailed, TimeoutError) as error:
        log.warning("opened call not told", call=call.slug, error=type(error).__name__)
        with runtime.work() as work:
            call_watch.give_back(work, taken)
        return False
    return True
