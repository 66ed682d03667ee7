"""Reports of letters that came back are read from a Maildir, where the operator has one."""

from pathlib import Path

import structlog
from essaim.loops import goes_on, rest, waits
from essaim.running.runtime import Runtime
from essaim.threads import in_thread

from notifications.commands.bounce import mark_read, new_reports, note_report
from notifications.settings import settings_of

log = structlog.get_logger()

PAUSE = 30.0


async def read_bounces(runtime: Runtime) -> None:
    """The worker. Without a Maildir it has nothing to do."""
    folder = settings_of(runtime).bounces
    while True:
        try:
            if folder:
                await in_thread(read_reports, runtime, Path(folder))
            goes_on()
        except OSError as error:
            waits(f"reports of letters cannot be read from {folder}: {error.strerror}", PAUSE)
        await rest(PAUSE)


def read_reports(runtime: Runtime, folder: Path) -> None:
    """Note each new report, one transaction each; what is no report is put aside with them."""
    for report in new_reports(folder):
        raw = report.read_bytes()
        with runtime.work() as work:
            noted = note_report(work, raw)
        mark_read(report)
        log.info("a mail that came back was read", became=noted.value)
