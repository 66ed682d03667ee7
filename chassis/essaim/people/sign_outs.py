"""Tells the keeper of the directory who signed out here, until it knows."""

from uuid import UUID

from essaim_contracts.questions import EndSignIn

from essaim.broker.connection import Broker
from essaim.keeping.database import Database
from essaim.loops import keep_running, rest, said_once
from essaim.people import ended
from essaim.threads import in_thread

LOOK_EVERY = 5.0


class SignOuts:
    """Runs until cancelled. A sign-out tells it by itself; this is for those that could not."""

    def __init__(self, database: Database, broker: Broker) -> None:
        self._database = database
        self._broker = broker
        self.trouble: str | None = None
        """Why the keeper does not know of one yet; whoever signed out is out here all the same."""

    async def run(self) -> None:
        await keep_running(self._tell, self._say_trouble, pause=LOOK_EVERY)

    def _say_trouble(self, error: Exception) -> None:
        words = f"{type(error).__name__}: {error}"
        self.trouble = said_once("sign-outs wait for the keeper", words, self.trouble)

    async def _tell(self) -> None:
        while True:
            ids = await in_thread(self._untold)
            for id in ids:
                await self._broker.ask(EndSignIn(sign_in_id=id))
            if ids:
                await in_thread(self._note_told, ids)
            self.trouble = None
            await rest(LOOK_EVERY)

    def _untold(self) -> list[UUID]:
        with self._database.read() as db:
            return ended.untold(db)

    def _note_told(self, ids: list[UUID]) -> None:
        with self._database.write() as db:
            ended.note_told(db, ids)
