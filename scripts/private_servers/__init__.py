"""The servers that `scripts/services` runs: PostgreSQL, Redis and RabbitMQ, private to this checkout."""
