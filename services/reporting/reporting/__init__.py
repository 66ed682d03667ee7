"""Reporting: what the partners' facts add up to, and the facts behind every figure."""
