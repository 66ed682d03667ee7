"""Where the tables of this service are gathered, for its migrations."""

import sqlalchemy as sa

metadata = sa.MetaData()
