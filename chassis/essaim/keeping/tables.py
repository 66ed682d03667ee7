"""The tables every service's database has beside its own; their migrations are the chassis'."""

import sqlalchemy as sa

from essaim.keeping.database import Instant
from essaim.keeping.listed import listed

metadata = sa.MetaData()

# Plain integers on SQLite alone count up by themselves, hence the variant.
_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

outbox = sa.Table(
    "essaim_outbox",
    metadata,
    sa.Column("position", _BIG, primary_key=True, autoincrement=True),
    sa.Column("id", sa.String(36), nullable=False, unique=True),
    sa.Column("key", sa.String(64), nullable=False),
    sa.Column("subject", sa.String(300), nullable=False),
    sa.Column("headers", sa.Text, nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False),
    sa.Column("told_at", Instant, nullable=False),
    sa.Column("published_at", Instant),
    sa.Column("stream_seq", sa.BigInteger),
    sa.Column("parked_because", sa.Text),
)
sa.Index(
    "essaim_outbox_unpublished",
    outbox.c.position,
    sqlite_where=outbox.c.published_at.is_(None),
    postgresql_where=outbox.c.published_at.is_(None),
)

sa.Index(
    "essaim_outbox_parked",
    outbox.c.key,
    sqlite_where=outbox.c.parked_because.is_not(None),
    postgresql_where=outbox.c.parked_because.is_not(None),
)

inbox = sa.Table(
    "essaim_inbox",
    metadata,
    sa.Column("identity", sa.String(200), primary_key=True),
    sa.Column("stream_seq", sa.BigInteger, nullable=False),
)

position = sa.Table(
    "essaim_position",
    metadata,
    sa.Column("consumer", sa.String(60), primary_key=True),
    sa.Column("stream_seq", sa.BigInteger, nullable=False),
    sa.Column("fact_id", sa.String(64), nullable=False),
)

# The first fact of each type that was brought to a version which does nothing with it.
passed_over = sa.Table(
    "essaim_passed_over",
    metadata,
    sa.Column("type", sa.String(120), primary_key=True),
    sa.Column("stream_seq", sa.BigInteger, nullable=False),
)

# When each other partner was heard last, in real time.
partner_heard = sa.Table(
    "essaim_partner_heard",
    metadata,
    sa.Column("service", sa.String(60), primary_key=True),
    sa.Column("heard_at", Instant, nullable=False),
)

waiting = sa.Table(
    "essaim_waiting",
    metadata,
    # A restored stream gives the same places to other facts: order is by our own number.
    sa.Column("number", _BIG, primary_key=True, autoincrement=True),
    sa.Column("stream_seq", sa.BigInteger, nullable=False),
    sa.Column("id", sa.String(64), nullable=False),
    sa.Column("queue", sa.String(120), nullable=False, index=True),
    sa.Column("subject", sa.String(300), nullable=False),
    sa.Column("headers", sa.Text, nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("retry_at", Instant),
    sa.Column("reason", sa.Text),
)

dead = sa.Table(
    "essaim_dead",
    metadata,
    sa.Column("number", _BIG, primary_key=True, autoincrement=True),
    sa.Column("stream_seq", sa.BigInteger, nullable=False),
    sa.Column("id", sa.String(64), nullable=False),
    sa.Column("type", sa.String(120)),
    sa.Column("key", sa.String(64), nullable=False),
    sa.Column("subject", sa.String(300), nullable=False),
    sa.Column("headers", sa.Text, nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("died_at", Instant, nullable=False),
    sa.Column("shown_at", Instant),
    sa.Column("closed_as", sa.String(20)),
    sa.Column("closed_at", Instant),
)

lease = sa.Table(
    "essaim_lease",
    metadata,
    sa.Column("name", sa.String(40), primary_key=True),
    sa.Column("holder", sa.String(120), nullable=False),
    sa.Column("expires_at", Instant, nullable=False),
)

command = sa.Table(
    "essaim_command",
    metadata,
    sa.Column("key", sa.String(120), primary_key=True),
    sa.Column("actor", sa.String(120), primary_key=True),
    sa.Column("request", sa.String(64), nullable=False),
    sa.Column("status", sa.Integer, nullable=False),
    sa.Column("answer", sa.Text, nullable=False),
    sa.Column("done_at", Instant, nullable=False),
)

person = sa.Table(
    "essaim_person",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    *listed(sa.Column("name", sa.String(200), nullable=False)),
    sa.Column("email", sa.String(254), index=True),
    sa.Column("phone", sa.String(40)),
    sa.Column("language", sa.String(5), nullable=False),
    sa.Column("roles", sa.JSON, nullable=False),
    sa.Column("email_proved", sa.Boolean, nullable=False, server_default=sa.true()),
    # A search reads all names: from here alone.
    sa.Index("essaim_person_found", "name_search", "id"),
    sa.Index("essaim_person_in_order", "name_order", "id"),
)

# Who was erased: the id alone, so that nothing late brings her back.
erased_person = sa.Table(
    "essaim_erased_person",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("erased_at", Instant, nullable=False),
)

# What the keeper of the directory still has to tell the bucket: a person to put, or an id to purge.
unshared = sa.Table(
    "essaim_unshared_person",
    metadata,
    sa.Column("position", _BIG, primary_key=True, autoincrement=True),
    sa.Column("id", sa.Uuid, nullable=False),
)

sign_in_link = sa.Table(
    "essaim_sign_in_link",
    metadata,
    sa.Column("digest", sa.String(64), primary_key=True),
    sa.Column("person_id", sa.Uuid, nullable=False),
    sa.Column("expires_at", Instant, nullable=False),
    sa.Column("used_at", Instant),
    sa.Column("service", sa.String(60)),
    sa.Column("next", sa.Text),
)

# At the keeper of the directory: who signed in, with a browser or for a program, until when.
sign_in = sa.Table(
    "essaim_sign_in",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("person_id", sa.Uuid, nullable=False, index=True),
    sa.Column("kind", sa.String(10), nullable=False),
    sa.Column("label", sa.String(120), nullable=False),
    sa.Column("service", sa.String(60)),
    sa.Column("begun_at", Instant, nullable=False),
    sa.Column("seen_at", Instant, nullable=False),
    sa.Column("ends_at", Instant, nullable=False, index=True),
)

# At the keeper: whoever is on the way to a provider of OpenID Connect; what she must bring back.
openid_attempt = sa.Table(
    "essaim_openid_attempt",
    metadata,
    sa.Column("digest", sa.String(64), primary_key=True),
    sa.Column("provider", sa.String(30), nullable=False),
    sa.Column("nonce", sa.String(64), nullable=False),
    sa.Column("verifier", sa.String(128), nullable=False),
    sa.Column("browser", sa.String(64), nullable=False),
    sa.Column("service", sa.String(60), nullable=False),
    sa.Column("next", sa.Text, nullable=False),
    sa.Column("ends_at", Instant, nullable=False),
)

# Whose account at a provider is whose: it stays hers when the provider gives another address.
openid_account = sa.Table(
    "essaim_openid_account",
    metadata,
    sa.Column("issuer", sa.String(500), primary_key=True),
    sa.Column("subject", sa.String(255), primary_key=True),
    sa.Column("person_id", sa.Uuid, nullable=False, index=True),
    sa.Column("bound_at", Instant, nullable=False),
)

# What ends a sign-in at the provider it came from.
openid_session = sa.Table(
    "essaim_openid_session",
    metadata,
    sa.Column("digest", sa.String(64), primary_key=True),
    sa.Column("person_id", sa.Uuid, nullable=False, index=True),
    sa.Column("provider", sa.String(30), nullable=False),
    sa.Column("id_token", sa.Text, nullable=False),
    sa.Column("ends_at", Instant, nullable=False),
)

# The browsers that this service knows by their cookie, of which the digest alone is kept.
signed_in_browser = sa.Table(
    "essaim_signed_in_browser",
    metadata,
    sa.Column("digest", sa.String(64), primary_key=True),
    sa.Column("sign_in_id", sa.Uuid, nullable=False, index=True),
    sa.Column("person_id", sa.Uuid, nullable=False, index=True),
    sa.Column("ticket", sa.String(40), nullable=False, unique=True),
    sa.Column("begun_at", Instant, nullable=False),
    sa.Column("ends_at", Instant, nullable=False, index=True),
)

# Sign-ins that were ended before their time: until then nothing signed under them is believed.
ended_sign_in = sa.Table(
    "essaim_ended_sign_in",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("person_id", sa.Uuid, nullable=False, index=True),
    sa.Column("ends_at", Instant, nullable=False, index=True),
    # Ended here, and the keeper does not know yet.
    sa.Column("untold", sa.Boolean, nullable=False),
)

# What is limited, and was done: until when it counts, and a digest of who did what.
counted_act = sa.Table(
    "essaim_counted_act",
    metadata,
    sa.Column("number", _BIG, primary_key=True, autoincrement=True),
    sa.Column("digest", sa.String(64), nullable=False, index=True),
    sa.Column("counts_until", Instant, nullable=False, index=True),
)

# What the time of an edition's personal data counts from, as the keeper of the directory said.
edition_clock = sa.Table(
    "essaim_edition_clock",
    metadata,
    sa.Column("edition_id", sa.Uuid, primary_key=True),
    sa.Column("programme", sa.String(60), nullable=False),
    sa.Column("last_payment_on", sa.Date),
    sa.Column("suspended_for", sa.String(20)),
)

# When it was announced that this will not be kept any longer than that day.
retention_notice = sa.Table(
    "essaim_retention_notice",
    metadata,
    sa.Column("rule", sa.String(60), primary_key=True),
    sa.Column("of", sa.String(400), primary_key=True),
    sa.Column("ends_on", sa.Date, primary_key=True),
    sa.Column("announced_on", sa.Date, nullable=False),
)

# The backup into which this database was last saved; one row.
last_backup = sa.Table(
    "essaim_last_backup",
    metadata,
    sa.Column("name", sa.String(40), primary_key=True),
    sa.Column("taken_at", Instant, nullable=False),
    sa.Column("size", sa.BigInteger, nullable=False),
)
