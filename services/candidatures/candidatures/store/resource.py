"""Resources of programmes, and the versions of each."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from essaim import Role
from essaim.keeping.database import Instant, upsert

from candidatures.document import Document
from candidatures.resource import Described, Resource, unknown_resource
from candidatures.store.metadata import metadata

resource = sa.Table(
    "resource",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("programme", sa.String(60), nullable=False, index=True),
    sa.Column("edition_id", sa.Uuid),
    sa.Column("title", sa.String(300), nullable=False),
    sa.Column("theme", sa.String(120), nullable=False),
    sa.Column("description", sa.Text, nullable=False),
    sa.Column("licence", sa.String(120), nullable=False),
    sa.Column("owner", sa.String(300), nullable=False),
    sa.Column("audience", sa.JSON, nullable=False),
    sa.Column("changed_at", Instant, nullable=False),
    sa.Column("changed_by", sa.Uuid),
    sa.Column("withdrawn", sa.Boolean, nullable=False),
)

resource_version = sa.Table(
    "resource_version",
    metadata,
    sa.Column("resource_id", sa.Uuid, primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("link", sa.String(2000)),
    sa.Column("filename", sa.String(200), nullable=False),
    sa.Column("media_type", sa.String(120), nullable=False),
    sa.Column("size", sa.BigInteger, nullable=False),
    sa.Column("sha256", sa.String(64), nullable=False, index=True),
    sa.Column("added_at", Instant, nullable=False),
    sa.Column("added_by", sa.Uuid),
)

_newer = resource_version.alias("newer")


def _resources() -> sa.Select[Any]:
    newer = sa.and_(
        _newer.c.resource_id == resource_version.c.resource_id,
        _newer.c.version > resource_version.c.version,
    )
    last = sa.and_(resource_version.c.resource_id == resource.c.id, ~sa.exists().where(newer))
    columns = [one for one in resource_version.c if one.name not in ("resource_id", "added_by")]
    return sa.select(resource, *columns).select_from(resource.outerjoin(resource_version, last))


def _resource(row: Any) -> Resource:
    file = None
    if row.sha256:
        file = Document("resource", row.filename, row.media_type, row.size, row.sha256)
    return Resource(
        id=row.id,
        programme=row.programme,
        described=Described(
            title=row.title,
            theme=row.theme,
            description=row.description,
            licence=row.licence,
            owner=row.owner,
            audience=tuple(map(Role, row.audience)),
            edition_id=row.edition_id,
        ),
        changed_at=row.changed_at,
        withdrawn=row.withdrawn,
        version=row.version or 0,
        link=row.link,
        file=file,
    )


def of_programmes(db: sa.Connection, slugs: Sequence[str]) -> list[Resource]:
    query = _resources().where(resource.c.programme.in_(slugs))
    return [_resource(row) for row in db.execute(query.order_by(resource.c.id))]


def get(db: sa.Connection, resource_id: UUID, *, lock: bool = False) -> Resource:
    """
    Raises:
        Refusal: (404) there is no such resource.
    """
    if lock:
        db.execute(sa.select(resource.c.id).where(resource.c.id == resource_id).with_for_update())
    row = db.execute(_resources().where(resource.c.id == resource_id)).one_or_none()
    if row is None:
        raise unknown_resource()
    return _resource(row)


def held_by(db: sa.Connection, slug: str) -> tuple[int, int]:
    """How many resources a programme has, and how many bytes all their versions take."""
    mine = resource.c.programme == slug
    count = db.scalar(sa.select(sa.func.count()).select_from(resource).where(mine)) or 0
    sizes = sa.select(sa.func.coalesce(sa.func.sum(resource_version.c.size), 0))
    held = sizes.join(resource, resource.c.id == resource_version.c.resource_id).where(mine)
    return count, int(db.scalar(held) or 0)


def save(db: sa.Connection, kept: Resource, actor: UUID | None, now: datetime) -> None:
    """What is said of a resource; its versions stay."""
    said = kept.described
    row = {
        "id": kept.id,
        "programme": kept.programme,
        "edition_id": said.edition_id,
        "title": said.title,
        "theme": said.theme,
        "description": said.description,
        "licence": said.licence,
        "owner": said.owner,
        "audience": [role.value for role in said.audience],
        "changed_at": now,
        "changed_by": actor,
        "withdrawn": kept.withdrawn,
    }
    upsert(db, resource, [row])


def add_version(
    db: sa.Connection,
    resource_id: UUID,
    version: int,
    content: str | Document,
    actor: UUID | None,
    now: datetime,
) -> None:
    """A link, or a file that is on the disk already."""
    file = content if isinstance(content, Document) else Document("resource", "", "", 0, "")
    row = {
        "resource_id": resource_id,
        "version": version,
        "link": content if isinstance(content, str) else None,
        "filename": file.filename,
        "media_type": file.media_type,
        "size": file.size,
        "sha256": file.sha256,
        "added_at": now,
        "added_by": actor,
    }
    db.execute(sa.insert(resource_version), row)
