"""What a service's own view counts, asked over HTTP and compared with what ours would count."""

import time
from collections.abc import Mapping

import httpx

from essaim.loops import rest

_LOOK = 0.2


async def trouble_of_view(url: str, ours: Mapping[str, int], patience: float) -> str | None:
    """What differs when it has had `patience` seconds to catch up; None when nothing does."""
    deadline = time.monotonic() + patience
    while True:
        trouble = await _trouble(url, ours)
        if trouble is None or time.monotonic() > deadline:
            return trouble
        await rest(_LOOK)


async def _trouble(url: str, ours: Mapping[str, int]) -> str | None:
    try:
        its = await _counted(url)
    except (httpx.HTTPError, LookupError, TypeError, ValueError, AttributeError) as error:
        shape = '{"facts": {"<type>": <how many>, …}}'
        return f"{url} does not answer with {shape}: {error!r}"
    return "; ".join(differing(ours, its)) or None


async def _counted(url: str) -> dict[str, int]:
    async with httpx.AsyncClient(timeout=5) as client:
        answer = await client.get(url)
    answer.raise_for_status()
    return {str(type): int(count) for type, count in answer.json()["facts"].items()}


def differing(ours: Mapping[str, int], its: Mapping[str, int]) -> list[str]:
    """What two counts by type differ in, in words."""
    return [
        f"it counts {its.get(type, 0)} × {type}, there are {ours.get(type, 0)}"
        for type in sorted(ours.keys() | its.keys())
        if ours.get(type, 0) != its.get(type, 0)
    ]
