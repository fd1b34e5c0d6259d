"""The example shop's settings, on a temporary folder and a broker in memory unless one is set."""

import atexit
import os
import shutil
import tempfile

_home = tempfile.mkdtemp(prefix="shop-genai-tests-")
atexit.register(shutil.rmtree, _home, ignore_errors=True)
os.environ["SHOP_DATA"] = _home
os.environ.setdefault("CELERY_BROKER_URL", "memory://")

from example_project.settings import *  # noqa: E402, F403 - the shop's own settings, once the environment is set
from example_project.settings import DATA, DATABASES  # noqa: E402 - as above

if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # A file, not memory: threads share it with real locks, as web and worker do.
    DATABASES["default"]["TEST"] = {"NAME": str(DATA / "test.sqlite3")}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
