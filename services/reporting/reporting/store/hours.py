"""Minutes of hour packages."""

import sqlalchemy as sa

from reporting.store.table import count, edition_table, text, uuid

hours = edition_table(
    "hours",
    uuid("package_id"),
    sa.Column("project_id", sa.Uuid, nullable=False, index=True),
    text("kind", 30),
    uuid("provider_id", nullable=True),
    count("granted"),
    count("used"),
    count("over"),
)
"""Minutes of a package: granted by one fact, used by another. `used` holds `over`."""
