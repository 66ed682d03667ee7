"""NATS: the connection, questions, and what the broker must hold for whom."""
