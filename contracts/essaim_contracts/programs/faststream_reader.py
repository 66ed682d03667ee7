"""Announce each trophy as it is awarded."""

import asyncio
import os
from pathlib import Path

from essaim_contracts.candidatures import TrophyAwarded
from essaim_contracts.faststream import FactBroker, Told
from faststream import FastStream

url, user, file = (os.environ[f"ESSAIM_NATS_{name}"] for name in ("URL", "USER", "SEED_FILE"))
ca, seed = os.environ.get("ESSAIM_NATS_CA"), Path(file).read_text()
broker = FactBroker(url, user=user, seed=seed, ca=ca, memory="press.db")


@broker.facts(TrophyAwarded)
async def announce(awarded: TrophyAwarded, told: Told) -> None:
    worth = sum(prize.value_eur for prize in awarded.prizes)
    print(f"{told.programme}: {awarded.title}, {worth} €", flush=True)


asyncio.run(FastStream(broker).run())
