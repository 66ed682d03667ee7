"""What a service keeps: its database, its documents, its lease."""
