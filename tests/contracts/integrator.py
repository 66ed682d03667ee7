"""A stream of facts as an integrator meets it: one user, one consumer, and no right beyond."""

import json
from dataclasses import dataclass
from typing import Any

from essaim.broker.client import connect
from essaim.broker.users import new_seed, public_key_of
from essaim.ids import new_id
from essaim.running.nats_server import NatsServer
from essaim_contracts.envelope import from_message
from essaim_contracts.examples import golden_examples
from essaim_contracts.fact import Fact
from nats.aio.client import Client
from nats.js.api import ConsumerConfig, ConsumerInfo

Message = tuple[str, bytes, dict[str, str]]
"""Its subject, its body and its headers."""

OPERATOR_SEED = new_seed()

# All that the operator grants to an integrator. A wildcard stands for whole tokens only. It is in
# an account of its own, whose user's questions to JetStream go by another name there.
HUB: dict[str, Any] = {
    "jetstream": "enabled",
    "users": [{"nkey": public_key_of(OPERATOR_SEED)}],
    "exports": [
        {"service": "$JS.API.CONSUMER.INFO.ESSAIM.press", "accounts": ["press"]},
        {
            "service": "$JS.API.CONSUMER.MSG.NEXT.ESSAIM.press",
            "accounts": ["press"],
            "response_type": "stream",
        },
        {"service": "$JS.ACK.ESSAIM.press.>", "accounts": ["press"]},
    ],
}
MAPPINGS = {
    "$JS.API.CONSUMER.INFO.ESSAIM.press": "essaim-api.CONSUMER.INFO.ESSAIM.press",
    "$JS.API.CONSUMER.MSG.NEXT.ESSAIM.press": "essaim-api.CONSUMER.MSG.NEXT.ESSAIM.press",
}
IMPORTS = [
    {
        "service": {"account": "ESSAIM", "subject": export["service"]},
        "to": MAPPINGS.get(str(export["service"]), export["service"]),
    }
    for export in HUB["exports"]
]
RIGHTS = {
    "publish": [import_["to"] for import_ in IMPORTS],
    "subscribe": ["_INBOX_press.>"],
}


@dataclass
class Stream:
    """The facts of a consortium, and the consumer of the integrator `press`."""

    server: NatsServer
    user: str = "press"
    seed: str = new_seed()

    async def operator(self) -> Client:
        return await connect(self.server.url, "operator", OPERATOR_SEED, connect_timeout=60)

    async def make_consumer(self, **config: Any) -> None:
        one_by_one: dict[str, Any] = {"ack_policy": "explicit", "max_ack_pending": 1}
        consumer = ConsumerConfig(durable_name=self.user, **one_by_one | config)
        connection = await self.operator()
        await connection.jetstream().add_consumer("ESSAIM", consumer)
        await connection.close()

    async def delete_consumer(self) -> None:
        connection = await self.operator()
        await connection.jetstream().delete_consumer("ESSAIM", self.user)
        await connection.close()

    async def say(self, *messages: Message) -> None:
        connection = await self.operator()
        for subject, body, headers in messages:
            await connection.jetstream().publish(subject, body, headers=headers)
        await connection.close()

    async def consumer(self) -> ConsumerInfo:
        connection = await self.operator()
        info: ConsumerInfo = await connection.jetstream().consumer_info("ESSAIM", self.user)
        await connection.close()
        return info


def told(kind: type[Fact], id: str | None = None, **wrong: object) -> Message:
    """A golden example of this fact, told anew."""
    example = next(it for it in golden_examples() if it.type == kind.type)
    envelope, payload = from_message(example.headers, example.body)
    headers = {**example.headers, "ce-id": id or str(new_id())}
    del headers["Nats-Msg-Id"]  # the server must not drop what is told twice
    return envelope.nats_subject, json.dumps({**json.loads(payload), **wrong}).encode(), headers


def accounts(seed: str) -> str:
    user = {"nkey": public_key_of(seed), "permissions": RIGHTS}
    reader = {"users": [user], "imports": IMPORTS, "mappings": MAPPINGS}
    return f"accounts: {json.dumps({'ESSAIM': HUB, 'press': reader})}\n"
