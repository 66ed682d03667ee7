"""The service, its settings, the programme it hears of and a mail server."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import signing
from essaim.clock import SimulatedClock
from essaim.running.runtime import Runtime
from essaim.service import Service
from notifications.settings import NotificationsSettings

from tests.notifications.correspondence import MailServer, Programme


@pytest.fixture
def service() -> Service:
    from notifications.main import service

    return service


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> NotificationsSettings:
    return NotificationsSettings(
        data=tmp_path,
        database_url=database_url,
        clock="simulated",
        **signing.SETTINGS,
        mail_from="bonjour@premices.example",
        mail_from_name="L'équipe Prémices",
    )


@pytest.fixture
def programme(runtime: Runtime, clock: SimulatedClock) -> Programme:
    return Programme(runtime, clock)


@pytest.fixture
async def mail_server() -> AsyncIterator[MailServer]:
    server = MailServer()
    await server.start()
    yield server
    await server.stop()
