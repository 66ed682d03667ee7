"""The letter to a receiver outside, whose link opens what is handed over."""

from uuid import UUID

import structlog
from essaim.broker.asking import AskFailed
from essaim.running.runtime import Runtime
from essaim_contracts.questions import SendHandoverLink

from candidatures import commands

log = structlog.get_logger()


def send_link(runtime: Runtime, handover_id: UUID) -> bool:
    """Send a new link to a receiver outside; nothing to one with pages here. Whether it left."""
    with runtime.work() as work:
        link = commands.handover.make_link(work, handover_id)
    if link is None:
        return True
    question = SendHandoverLink(
        email=link.email,
        token=link.token,
        programme_name=link.programme_name,
        answer_by=link.answer_by,
        language=link.language,
    )
    try:
        runtime.ask_blocking(question)
    except (AskFailed, TimeoutError) as error:
        log.warning("hand-over link not sent", id=str(handover_id), error=type(error).__name__)
        with runtime.work() as work:
            commands.handover.revoke_link(work, handover_id)
        return False
    return True
