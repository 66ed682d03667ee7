"""The read model made again from the first fact, compared and swapped in."""

import os
import resource

import ceilings
import reporting.main
from essaim.operating.rebuild import rebuild
from flow import handle_stream
from ground import BACKENDS, Ground, fill_stream
from report import Goal, Report, pace_of, rates
from reporting.main import projection
from sample import message_of, of_all_services


async def measure_rebuild(ground: Ground, report: Report, facts: int) -> None:
    """With a process for each core. Memory is the highest this one ever had, without theirs."""
    connection = await ground.empty_stream()
    await fill_stream(connection, (message_of(fact) for fact in of_all_services(facts)))
    for backend in BACKENDS:
        thrown = [await ceilings.bare_pull(connection, facts)]
        report.pace(f"ceiling: the stream read and thrown away, {backend}", thrown)
        with ground.database(backend, reporting.main.service) as database:
            served = await handle_stream(ground, database, "reporting", projection, facts)
            report.pace(f"inbox into the read model, {backend}", [served])
            before = _peak()
            async with ground.end("reporting", database, projection) as end:
                with pace_of(facts) as pace:
                    rebuilt = await rebuild(
                        database,
                        end.broker,
                        "reporting",
                        projection,
                        swap=True,
                        processes=os.cpu_count() or 1,
                    )
        if not rebuilt.equal:
            raise RuntimeError(f"the rebuilt read model differs: {rebuilt.differences}")
        report.pace(f"rebuild of {facts:,} facts, compared and swapped, {backend}", [pace])
        report.ratio(f"to reading, {backend}", rates([pace]), rates(thrown), Goal(0.6))
        goal = Goal(most=60) if facts == 1_000_000 else None
        report.tell(f"  it took, {backend}", [pace.seconds], "s", goal)
        report.tell(f"  highest memory before, {backend}", [before], "MiB")
        report.tell(f"  highest memory after, {backend}", [_peak()], "MiB")
    await connection.close()


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
