"""Seeing what a service does: logs, traces, figures."""
