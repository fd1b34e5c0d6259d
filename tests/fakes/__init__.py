"""Stand-ins for tests: recipes without torch."""
