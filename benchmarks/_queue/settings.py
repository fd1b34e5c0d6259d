"""The example shop with the benchmark's app in it, and Celery's own default of messages fetched ahead."""

from example_project.settings import *  # noqa: F403 - the shop's own settings
from example_project.settings import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "benchmarks._queue"]
CELERY_WORKER_PREFETCH_MULTIPLIER = 4
