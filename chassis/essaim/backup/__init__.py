"""Backups: everything a consortium keeps, in one encrypted archive that is checked, and back."""
