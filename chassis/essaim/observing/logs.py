"""Logs: JSON lines for machines, or plain ones for a terminal, on standard error or in a file."""

import logging
import sys
from typing import TextIO

import structlog

# A log line never carries these, whatever was passed.
_SECRET = {
    "password",
    "secret",
    "token",
    "authorization",
    "cookie",
    "email",
    "phone",
    "url_with_token",
}


def set_up_logs(level: str, *, as_json: bool, to: TextIO | None = None) -> None:
    """Route structlog and the libraries' loggers to standard error or `to`, from `level` up."""
    stream = to or sys.stderr
    number = logging.getLevelNamesMapping().get(level.upper(), logging.INFO)
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _hide_secrets,
    ]
    last: structlog.typing.Processor
    if as_json:
        shared.append(structlog.processors.format_exc_info)
        last = structlog.processors.JSONRenderer(ensure_ascii=False)
    else:
        # Rich tracebacks would print local variables: secrets and people among them.
        last = structlog.dev.ConsoleRenderer(
            colors=stream.isatty(), exception_formatter=structlog.dev.plain_traceback
        )
    structlog.configure(
        processors=[*shared, last],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.WriteLoggerFactory(stream),
        cache_logger_on_first_use=False,
    )
    formatter = structlog.stdlib.ProcessorFormatter(processor=last, foreign_pre_chain=shared)
    handler = logging.StreamHandler(stream)
    handler.setFormatter(formatter)
    logging.basicConfig(level=max(number, logging.WARNING), handlers=[handler], force=True)
    logging.getLogger("asyncio").addFilter(_is_no_farewell)


def _is_no_farewell(record: logging.LogRecord) -> bool:
    """asyncio warns at the end of each TLS connection that its streams made."""
    return "eof_received() has no effect" not in record.getMessage()


def _hide_secrets(
    _: object, __: str, event: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    for name in event:
        if name.lower() in _SECRET:
            event[name] = "…"
    return event
