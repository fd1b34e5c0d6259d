"""The example shop with a recipe that needs no torch, and a queue whose patience is counted in seconds."""

from example_project.settings import *  # noqa: F403 - the shop's own settings
from example_project.settings import INSTALLED_APPS, SHOP_GENAI

INSTALLED_APPS = [*INSTALLED_APPS, "tests.fakes.addon"]
SHOP_GENAI = {
    **SHOP_GENAI,
    "LEASE_SECONDS": 3,
    "HEARTBEAT_SECONDS": 0.75,
    "SWEEP_SECONDS": 1,
    "GRACE_SECONDS": 5,
    "TASTE_INDEX": False,  # looks would need torch, and time that the faults are measured in
    "RENDITION_WIDTHS": (32,),
    "RENDITION_FORMATS": ("JPEG",),
    "THROTTLE_RATES": {"genai-submit": None, "genai-upload": None},
}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
