"""Settings of the example shop, read from the environment.

With nothing set: SQLite, files on disk, a broker in a folder. ``DATABASE_URL``, ``CELERY_BROKER_URL`` and
``S3_BUCKET`` turn the same code into a deployment on PostgreSQL, Redis or RabbitMQ, and object storage.
``docs/deployment.md`` describes every variable.
"""

import os
from pathlib import Path

from example_project import environment

ROOT = Path(__file__).resolve().parent.parent
DATA = Path(os.environ.get("SHOP_DATA") or ROOT / "demo-output" / "shop").resolve()

DEBUG = environment.flag("DEBUG", default=True)
SECRET_KEY = environment.secret_key(DEBUG)
ALLOWED_HOSTS = environment.words("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1],testserver")
CSRF_TRUSTED_ORIGINS = environment.words("CSRF_TRUSTED_ORIGINS")

# On the open network cookies go over TLS only. HTTPS=0 is for a proxy-less trial of DEBUG=0 on one machine.
HTTPS = environment.flag("HTTPS", default=not DEBUG)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None

INSTALLED_APPS = [
    "example_project.shop",
    "shop_genai",
    "rest_framework",
    "drf_spectacular",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "example_project.urls"
WSGI_APPLICATION = "example_project.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

DATABASES = {"default": environment.database(DATA)}

CELERY_BROKER_URL, CELERY_BROKER_TRANSPORT_OPTIONS = environment.broker(DATA)
CELERY_TASK_IGNORE_RESULT = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True

STORAGES = environment.storages(DATA)
MEDIA_URL = "/media/"
STATIC_URL = "/static/"
STATIC_ROOT = DATA / "static"

SHOP_GENAI = {
    "PRIVATE_STORAGE": "private",
    "PRODUCT_IMAGES": {
        "shop.Photo": {
            "field": "image",
            "title": "product.title",
            # For training on the catalogue: what a picture shows, and what must not be torn between train and test.
            "label": "product.category",
            "group": "product.style",
            # For taste and variants: what is compared with what, and which colours can really be bought.
            "category": "product.category",
            "colour": "product.colour",
        }
    },
    # What shoppers can try on; a mug is in none of these.
    "TRYON_GARMENTS": dict.fromkeys(("t-shirt", "long-sleeve", "polo", "shirt", "hoodie", "tank"), "upper"),
}

REST_FRAMEWORK = {"DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema"}
# `manage.py spectacular` writes the document that /genai/api/v1/schema/ serves: the studio's addresses, nothing else.
SPECTACULAR_SETTINGS = {"DEFAULT_GENERATOR_CLASS": "shop_genai.api.schema.StudioSchemaGenerator"}

AUTH_PASSWORD_VALIDATORS: list[dict[str, str]] = []
LOGIN_URL = "shop:login"
LOGIN_REDIRECT_URL = "shop:products"
LOGOUT_REDIRECT_URL = "shop:products"

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("zh-hans", "简体中文")]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"
