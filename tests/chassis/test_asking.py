"""Services ask each other questions that must not be kept: a sign-in link, say."""

import pytest
from backbone import Consortium
from essaim.broker.connection import AskFailed, Broker
from essaim.broker.topology import OPERATOR


async def test_a_question_is_answered_and_never_kept_in_the_stream(consortium: Consortium) -> None:
    answering = Broker(
        consortium.settings("notifications"),
        "notifications",
        {"greeting": lambda payload: {"text": f"Bonjour {payload['name']}"}},
    )
    asking = Broker(consortium.settings("candidatures"), "candidatures", {})
    await answering.start()
    await asking.start()
    assert await asking.ask("notifications", "greeting", {"name": "Camille"}) == {
        "text": "Bonjour Camille"
    }
    connection = await consortium.connect(OPERATOR)
    assert (await connection.jetstream().stream_info("ESSAIM")).state.messages == 0
    await connection.close()
    await answering.stop()
    await asking.stop()


async def test_a_question_nobody_answers_fails_with_what_to_do(consortium: Consortium) -> None:
    asking = Broker(consortium.settings("candidatures"), "candidatures", {})
    await asking.start()
    with pytest.raises(AskFailed, match=r"notifications did not answer .*Check that notifications"):
        await asking.ask("notifications", "greeting", {}, patience=0.5)
    await asking.stop()


async def test_a_failing_answer_is_told_to_the_asker_at_once(consortium: Consortium) -> None:
    def fail(_: dict[str, object]) -> dict[str, object]:
        raise KeyError("name")

    answering = Broker(consortium.settings("notifications"), "notifications", {"greeting": fail})
    asking = Broker(consortium.settings("candidatures"), "candidatures", {})
    await answering.start()
    await asking.start()
    with pytest.raises(AskFailed, match="KeyError"):
        await asking.ask("notifications", "greeting", {})
    await answering.stop()
    await asking.stop()
