"""What a service of the consortium stands on: work, outbox, relay, inbox, directory, web."""
