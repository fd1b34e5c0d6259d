"""An app for the queue's benchmark: a recipe that does nothing, and a Celery task that does as little."""
