"""What the other services ask the keeper of the directory."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Annotated

from essaim_contracts.questions import EndSignIn, SignInEnded
from faststream import Context
from faststream.nats import NatsRouter

from essaim.people import sign_ins
from essaim.work import Work

questions = NatsRouter()

OpenWork = Annotated[Callable[..., AbstractContextManager[Work]], Context("work")]
"""One transaction of the service that answers, which tells the others at once."""


@questions.subscriber(EndSignIn.subject, queue="directory")
def end_sign_in(asked: EndSignIn, open_work: OpenWork) -> SignInEnded:
    """Answered alike for one that nobody knows: it has ended already."""
    with open_work() as work:
        found = sign_ins.find(work.db, asked.sign_in_id)
        if found is not None:
            sign_ins.end(work.db, found)
    return SignInEnded()
