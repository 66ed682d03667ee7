"""The read model made again from the first fact, compared and swapped in."""

import resource

import ceilings
import reporting.main
from essaim.operating.rebuild import rebuild
from flow import handle_stream
from ground import BACKENDS, Ground, fill_stream
from report import pace_of, say
from sample import message_of, of_all_services


async def measure_rebuild(ground: Ground, facts: int) -> None:
    """Memory is the highest this process ever had."""
    connection = await ground.empty_stream()
    await fill_stream(connection, (message_of(fact) for fact in of_all_services(facts)))
    say("ceiling: the stream read and thrown away", await ceilings.bare_pull(connection, facts))
    await connection.close()
    projection = reporting.main.projection
    for backend in BACKENDS:
        with ground.database(backend, reporting.main.service) as database:
            served = await handle_stream(ground, database, "reporting", projection, facts)
            say(f"inbox into the read model, {backend}", served)
            before = _peak()
            async with ground.end("reporting", database, projection) as end:
                with pace_of(facts) as pace:
                    rebuilt = await rebuild(
                        database, end.broker, "reporting", projection, swap=True
                    )
        assert rebuilt.equal, rebuilt.differences
        say(f"rebuild, compared and swapped, {backend}", pace)
        million = 1_000_000 / pace.rate
        say("  a million facts at this pace", f"{million:.0f} s", "≤ 60 s", million <= 60)
        say("  highest memory before and after", f"{before:.0f} and {_peak():.0f} MiB", "flat")


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
