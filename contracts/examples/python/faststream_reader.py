"""Announce each trophy as it is awarded."""

import asyncio
import os

from essaim_contracts.candidatures import TrophyAwarded
from essaim_contracts.faststream import FactBroker, Told
from faststream import FastStream

url, user, password = (os.environ[f"ESSAIM_{name}"] for name in ("NATS", "USER", "PASSWORD"))
broker = FactBroker(url, user=user, password=password, memory="press.db")


@broker.facts(TrophyAwarded)
async def announce(awarded: TrophyAwarded, told: Told) -> None:
    worth = sum(prize.value_eur for prize in awarded.prizes)
    print(f"{told.programme}: {awarded.title}, {worth} €", flush=True)


asyncio.run(FastStream(broker).run())
