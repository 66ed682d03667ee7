"""Alembic migrations of scheduling."""
