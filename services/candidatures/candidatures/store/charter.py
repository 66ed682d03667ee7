"""Who accepted the charter of a call, for each side of an application."""

from uuid import UUID

import sqlalchemy as sa
from essaim.keeping.database import Instant

from candidatures.charter import Acceptance, Charter, Side
from candidatures.store.metadata import metadata

charter_acceptance = sa.Table(
    "charter_acceptance",
    metadata,
    sa.Column("application_id", sa.Uuid, primary_key=True),
    sa.Column("side", sa.String(20), primary_key=True),
    sa.Column("person_id", sa.Uuid, index=True),
    sa.Column("accepted_at", Instant, nullable=False),
    # As it was accepted, whatever the call says later.
    sa.Column("charter", sa.JSON, nullable=False),
)


def add(db: sa.Connection, application_id: UUID, accepted: Acceptance) -> None:
    row = vars(accepted) | {
        "application_id": application_id,
        "side": accepted.side.value,
        "charter": accepted.charter.model_dump(mode="json"),
    }
    db.execute(sa.insert(charter_acceptance).values(row))


def of_application(db: sa.Connection, application_id: UUID) -> dict[Side, Acceptance]:
    query = sa.select(charter_acceptance).where(
        charter_acceptance.c.application_id == application_id
    )
    return {
        Side(row.side): Acceptance(
            Side(row.side), row.person_id, row.accepted_at, Charter.model_validate(row.charter)
        )
        for row in db.execute(query)
    }
