"""Services ask each other questions that must not be kept: a sign-in link, say."""

import pytest
from backbone import Consortium
from essaim.broker.asking import AskFailed
from essaim.broker.connection import Broker
from essaim.broker.topology import OPERATOR
from essaim_contracts.questions import Question
from faststream.nats import NatsRouter
from pydantic import BaseModel


class Greeting(BaseModel):
    text: str


class Greet(Question[Greeting]):
    subject = "essaim.ask.notifications.greeting"
    answer = Greeting

    name: str


def greeter() -> NatsRouter:
    router = NatsRouter()

    @router.subscriber(Greet.subject, queue="notifications")
    def greet(asked: Greet) -> Greeting:
        if not asked.name:
            raise KeyError("name")
        return Greeting(text=f"Bonjour {asked.name}")

    return router


async def test_a_question_is_answered_and_never_kept_in_the_stream(consortium: Consortium) -> None:
    answering = Broker(consortium.settings("notifications"), "notifications", [greeter()])
    asking = Broker(consortium.settings("candidatures"), "candidatures")
    await answering.start()
    await asking.start()
    assert await asking.ask(Greet(name="Camille")) == Greeting(text="Bonjour Camille")
    connection = await consortium.connect(OPERATOR)
    assert (await connection.jetstream().stream_info("ESSAIM")).state.messages == 0
    await connection.close()
    await answering.stop()
    await asking.stop()


async def test_a_question_nobody_answers_fails_with_what_to_do(consortium: Consortium) -> None:
    asking = Broker(consortium.settings("candidatures"), "candidatures")
    await asking.start()
    with pytest.raises(AskFailed, match=r"notifications did not answer .*Check that notifications"):
        await asking.ask(Greet(name="Camille"), patience=0.5)
    await asking.stop()


async def test_a_failing_answer_is_told_to_the_asker_at_once(consortium: Consortium) -> None:
    answering = Broker(consortium.settings("notifications"), "notifications", [greeter()])
    asking = Broker(consortium.settings("candidatures"), "candidatures")
    await answering.start()
    await asking.start()
    with pytest.raises(AskFailed, match="KeyError"):
        await asking.ask(Greet(name=""))
    await answering.stop()
    await asking.stop()
