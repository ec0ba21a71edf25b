"""Logs as one JSON object a line, to standard error. They carry no names of people and no codes of waste."""

import logging

import structlog


def start(*, debug: bool) -> None:
    """Send everything that is logged through structlog."""
    shared: list[structlog.types.Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    handler = logging.StreamHandler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
            foreign_pre_chain=shared,
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.DEBUG if debug else logging.INFO)
    for noisy in ("huey", "alembic", "granian", "_granian", "PIL", "fontTools"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
