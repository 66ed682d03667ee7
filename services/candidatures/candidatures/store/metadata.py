"""The tables of this service, gathered as the modules beside this one declare them."""

import sqlalchemy as sa

metadata = sa.MetaData()
