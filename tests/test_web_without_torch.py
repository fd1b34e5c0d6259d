"""A web process serves pages, the API and the back office without torch: it is not even imported."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

WEB = """
import json, os, sys, tempfile
os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"

class Forbidden:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ("torch", "safetensors"):
            raise ImportError("a web process imported " + name)

sys.meta_path.insert(0, Forbidden())
import django
django.setup()
from django.core.management import call_command
from django.contrib import admin
from django.urls import get_resolver
call_command("migrate", verbosity=0)
call_command("check", fail_level="ERROR")
call_command("genai_models", stdout=open(os.devnull, "w"))
admin.autodiscover()
get_resolver().url_patterns
import example_project.wsgi
import shop_genai.tasks
HEAVY = {"torch", "numpy", "safetensors", "torchvision"}
start = sorted({name.split(".")[0] for name in sys.modules} & HEAVY)
from django.contrib.auth.models import User
from django.test import Client
client = Client()
client.force_login(User.objects.create_superuser("boss"))
paths = ["/", "/admin/", "/admin/shop_genai/", "/admin/shop_genai/job/", "/admin/shop_genai/productimage/",
         "/admin/shop_genai/generatedimage/", "/admin/shop_genai/weights/",
         "/admin/shop_genai/weights/1/change/", "/genai/api/v1/recipes/", "/genai/api/v1/jobs/",
         "/genai/api/v1/schema/", "/genai/healthz/"]
answers = {path: client.get(path).status_code for path in paths}
heavy = sorted({name.split(".")[0] for name in sys.modules} & HEAVY)
print(json.dumps({"answers": answers, "start": start, "heavy": heavy}))
"""


def test_pages_the_api_and_the_back_office_need_no_torch() -> None:
    done = subprocess.run(
        [sys.executable, "-c", WEB],
        cwd=Path(__file__).parents[1],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
        env=_on_sqlite(),
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["start"] == []
    assert set(found["heavy"]) <= {"numpy"}  # by the first page that ranks products
    assert set(found["answers"].values()) == {200}, found["answers"]


def _on_sqlite() -> dict[str, str]:
    """The question is one of imports: the suite's database server, if any, is left alone."""
    return {k: v for k, v in os.environ.items() if k not in ("DATABASE_URL", "DJANGO_SETTINGS_MODULE", "SHOP_DATA")}
