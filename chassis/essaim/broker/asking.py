"""Questions between services, as FastStream's request and reply: typed both ways, kept nowhere."""

from collections.abc import Awaitable, Callable, Iterable
from typing import Any, cast

import structlog
from essaim_contracts.questions import A, Failed, Question
from faststream import BaseMiddleware, ExceptionMiddleware
from faststream.message import StreamMessage
from faststream.nats import NatsBroker, NatsRouter
from faststream.nats.subscriber.usecases import CoreSubscriber
from pydantic import ValidationError

from essaim.observing.tracing import current_origin, following, new_origin, origin_in
from essaim.text.written import one_line

log = structlog.get_logger()

failures = ExceptionMiddleware()

_LONGEST = 300
"""Signs of why a question got no answer."""


class AskFailed(Exception):
    """A question to another service got no answer: it is down, or the broker is."""

    def __init__(self, subject: str, reason: str) -> None:
        *_, service, question = subject.split(".")
        super().__init__(
            f"{service} did not answer the question {question!r}: {reason}. "
            f"Check that {service} and the broker run, then try again."
        )


async def ask(
    nats: NatsBroker, question: Question[A], patience: float = 5.0, service: str = ""
) -> A:
    """Ask another service, and wait `patience` seconds for its answer.

    `service` is which one, for a question that several are asked.

    Raises:
        AskFailed: nobody answered, or the answer was a failure.
    """
    subject = question.subject_at(service)
    try:
        origin = current_origin()
        answer = await nats.request(
            question,
            subject,
            headers={"traceparent": origin.traceparent},
            correlation_id=origin.correlation_id,
            timeout=patience,
        )
        said = question.read_answer(answer.body)
    except Exception as error:
        # nats-py has a dozen ways to say that nobody answered; each ends the same here.
        raise AskFailed(subject, _why(error)) from error
    if isinstance(said, Failed):
        raise AskFailed(subject, one_line(said.failure)[:_LONGEST])
    return said


def _why(error: Exception) -> str:
    """One line, whatever came back: an answer may be long, and be about people."""
    if isinstance(error, ValidationError):
        first, *others = error.errors(include_url=False, include_context=False, include_input=False)
        where = ".".join(map(str, first["loc"]))
        return f"it is no {error.title}: {where}: {first['msg']}; {len(others)} more faults"
    return repr(error)[:_LONGEST]


def answer_on(nats: NatsBroker, routers: Iterable[NatsRouter]) -> None:
    """Have these routers' functions answer on this connection, and on no other any more."""
    for router in routers:
        for subscriber in router.subscribers:
            # Of a connection that is gone: FastStream would not subscribe where there is one.
            cast(CoreSubscriber, subscriber).subscription = None
        # Innermost, so that no other middleware meets an error with what was asked.
        nats.include_router(router, middlewares=(failures,))


class Follows(BaseMiddleware):
    """What is done for a question follows from what made somebody ask it."""

    async def consume_scope(
        self, call_next: Callable[[Any], Awaitable[Any]], msg: StreamMessage[Any]
    ) -> Any:
        origin = origin_in(msg.correlation_id, msg.headers.get("traceparent"))
        with following(origin or new_origin()):
            return await call_next(msg)


@failures.add_handler(Exception, publish=True)
def _tell_failure(error: Exception) -> Failed:
    """The asker waits: she gets the failure at once instead of a timeout."""
    if isinstance(error, ValidationError):
        # What was asked stays out of the log: it may hold a secret.
        log.error("question malformed", errors=error.errors(include_input=False))
    else:
        log.exception("answer failed", exc_info=error)
    return Failed(failure=type(error).__name__)
