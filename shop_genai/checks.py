"""System checks with stable ids: what is wrong with the settings, before a request finds out.

An error makes the studio fail; a warning may be meant. ``docs/checks.md`` says of each what to do. Nothing here asks
a server or imports torch: ``manage.py check`` works on a laptop. One check reads the database, and only when asked to:
``manage.py check --database default``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core import checks
from django.core.exceptions import FieldDoesNotExist
from django.core.files.storage import FileSystemStorage, storages
from django.db import connections, router
from django.db.models import FileField
from django.urls import NoReverseMatch, Resolver404, reverse
from django.utils.module_loading import import_string

from shop_genai import recipes, registry
from shop_genai.conf import DEFAULTS, genai_settings
from shop_genai.errors import GenaiError
from shop_genai.genai_recipes import tryon_backends
from shop_genai.generation.tryon import external, remote
from shop_genai.generation.tryon.backends import OWN, Capabilities
from shop_genai.generation.tryon.params import CATEGORIES
from shop_genai.ledger import write_alias
from shop_genai.models import Event, Weights

SIDES = ("STORAGE", "PRIVATE_STORAGE")
LANE_TASKS = ("shop_genai.interactive", "shop_genai.bulk")


def register_all() -> None:
    """Called once by the app config."""
    asked = (
        known_settings,
        product_images,
        storage_aliases,
        queue_times,
        database,
        api,
        broker,
        weights,
        taste,
        tryon,
        photos,
    )
    for check in asked:
        checks.register(check, "shop_genai")
    checks.register(promoted_weights, "shop_genai", checks.Tags.database)


def known_settings(app_configs: Sequence[Any] | None = None, **kwargs: Any) -> list[checks.CheckMessage]:
    """E001: SHOP_GENAI holds a name that the studio does not know (a typo would otherwise be silent)."""
    known = "Known: " + ", ".join(sorted(DEFAULTS)) + "."
    unknown = sorted(set(getattr(settings, "SHOP_GENAI", {})) - set(DEFAULTS))
    return [_error("E001", f"SHOP_GENAI has no setting {name!r}.", known) for name in unknown]


def product_images(app_configs: Sequence[Any] | None = None, **kwargs: Any) -> list[checks.CheckMessage]:
    """E002: an entry of PRODUCT_IMAGES names no model. E003: its field is none or holds no file. E004: no adapter."""
    found: list[checks.CheckMessage] = []
    for label, entry in genai_settings.PRODUCT_IMAGES.items():
        try:
            model = apps.get_model(label)
        except (LookupError, ValueError):
            hint = "Write it as “app_label.ModelName”, and the app into INSTALLED_APPS."
            found.append(_error("E002", f"PRODUCT_IMAGES names {label!r}, but there is no such model.", hint))
            continue
        name = entry.get("field") if isinstance(entry, dict) else None
        try:
            field = model._meta.get_field(name or "")
        except FieldDoesNotExist:
            field = None
        if not isinstance(field, FileField):
            hint = 'Write {"field": "image"} with the name of an ImageField or FileField.'
            found.append(_error("E003", f"PRODUCT_IMAGES[{label!r}]: {name!r} is no image field of that model.", hint))
    try:
        import_string(genai_settings.PRODUCT_ADAPTER)
    except ImportError as error:
        found.append(_error("E004", f"PRODUCT_ADAPTER cannot be imported: {error}.", "Write the path of a class."))
    return found


def storage_aliases(app_configs: Sequence[Any] | None = None, **kwargs: Any) -> list[checks.CheckMessage]:
    """E005: no such alias in STORAGES. W001: people's photos share the public storage. W002: they have addresses."""
    found: list[checks.CheckMessage] = []
    for setting in SIDES:
        alias = getattr(genai_settings, setting)
        if alias not in settings.STORAGES:
            hint = "There are: " + ", ".join(sorted(settings.STORAGES)) + "."
            found.append(_error("E005", f"{setting} is {alias!r}, which is no alias of STORAGES.", hint))
    if found:
        return found
    public, private = (settings.STORAGES[getattr(genai_settings, setting)] for setting in SIDES)
    if public == private:
        hint = "Add an alias to STORAGES that no web server hands out, and name it in SHOP_GENAI['PRIVATE_STORAGE']."
        return [_warning("W001", "People's photos are kept in the same storage as the pages' public pictures.", hint)]
    inner, outer = (storages[getattr(genai_settings, setting)] for setting in reversed(SIDES))
    if isinstance(inner, FileSystemStorage):
        served = [settings.MEDIA_ROOT, settings.STATIC_ROOT]
        served += [outer.location] if isinstance(outer, FileSystemStorage) else []
        if any(_lies_in(inner.location, folder) for folder in served if folder):
            hint = f"Move {inner.location} out of the folders that a web server hands out."
            return [_warning("W002", "People's photos lie in a folder that is served to everybody.", hint)]
    return []


def queue_times(app_configs: Sequence[Any] | None = None, **kwargs: Any) -> list[checks.CheckMessage]:
    """E006: no positive number. E007: too few heartbeats. E008: a lane without a deadline. W003: slow sweep."""
    names = ("LEASE_SECONDS", "HEARTBEAT_SECONDS", "SWEEP_SECONDS", "MAX_CRASHES", "BATCH_LIMIT", "GRACE_SECONDS")
    wrong = [name for name in names if not _is_positive(getattr(genai_settings, name))]
    found = [
        _error("E006", f"{name} must be a positive number.", f"The default is {DEFAULTS[name]}.") for name in wrong
    ]
    lanes = genai_settings.DEADLINE_SECONDS
    for lane in DEFAULTS["DEADLINE_SECONDS"]:
        if not _is_positive(lanes.get(lane)):
            hint = "Each lane needs a number of seconds."
            found.append(_error("E008", f"DEADLINE_SECONDS has no deadline for lane {lane!r}.", hint))
    if found:
        return found
    lease, beat, sweep = (getattr(genai_settings, name) for name in names[:3])
    if beat * 2 > lease:
        hint = "Let at least two heartbeats fit into a lease; by default it is four."
        found.append(_error("E007", f"HEARTBEAT_SECONDS ({beat}) is too long for LEASE_SECONDS ({lease}).", hint))
    if sweep > lease:
        hint = "A dead worker's jobs wait for the lease and the next sweep."
        found.append(_warning("W003", f"SWEEP_SECONDS ({sweep}) is longer than LEASE_SECONDS ({lease}).", hint))
    return found


def database(app_configs: Sequence[Any] | None = None, **kwargs: Any) -> list[checks.CheckMessage]:
    """E009: the jobs' database is neither PostgreSQL nor SQLite."""
    alias = write_alias()
    vendor = connections[alias].vendor
    if vendor in ("postgresql", "sqlite"):
        return []
    hint = "Jobs are claimed with UPDATE … RETURNING. Route the studio's models to PostgreSQL (or SQLite)."
    return [_error("E009", f"The database {alias!r} is {vendor}, which the queue does not support.", hint)]


def api(app_configs: Sequence[Any] | None = None, **kwargs: Any) -> list[checks.CheckMessage]:
    """E010: an authentication class cannot be imported. W004: the studio's addresses are not mounted."""
    found: list[checks.CheckMessage] = []
    for path in genai_settings.API_AUTHENTICATION:
        try:
            import_string(path)
        except ImportError as error:
            hint = "Write the paths of Django REST framework authentication classes."
            found.append(_error("E010", f"API_AUTHENTICATION: {path!r} cannot be imported ({error}).", hint))
    try:
        reverse("shop_genai:job-list")
    except (NoReverseMatch, Resolver404):
        hint = 'Add path("genai/", include("shop_genai.urls")): previews of private pictures need it as well.'
        found.append(_warning("W004", "shop_genai.urls is not mounted.", hint))
    return found


def broker(app_configs: Sequence[Any] | None = None, **kwargs: Any) -> list[checks.CheckMessage]:
    """W005: doorbells are rung in the web process. W006: doorbells are routed away. W007: late acknowledgement."""
    from celery import current_app

    conf = current_app.conf
    found: list[checks.CheckMessage] = []
    if conf.task_always_eager:
        hint = "Remove task_always_eager: pictures would be generated inside the request, which needs torch there."
        found.append(_warning("W005", "Celery runs tasks at once, in the process that submits a job.", hint))
    routes = conf.task_routes
    if isinstance(routes, dict) and set(routes) & {*LANE_TASKS, "shop_genai.*"}:
        hint = "Remove the route. A doorbell names its queue, interactive or bulk, itself."
        found.append(_warning("W006", "task_routes mentions the studio's doorbells.", hint))
    if conf.task_acks_late:
        hint = "The rows are the queue, so early acknowledgement loses nothing; late, a doorbell is heard twice."
        found.append(_warning("W007", "task_acks_late is on for all tasks, the studio's doorbells too.", hint))
    return found


def weights(app_configs: Sequence[Any] | None = None, **kwargs: Any) -> list[checks.CheckMessage]:
    """W008: a recipe's packaged weights are missing. Manifests are read, never the tensors."""
    return list(_without_weights())


def _without_weights() -> Iterator[checks.CheckMessage]:
    for recipe in recipes.all_recipes():
        try:
            recipe.digest(None)
        except GenaiError as error:
            hint = "Install the package again, or promote weights of your own; until then its jobs are refused."
            yield _warning("W008", f"The recipe {recipe.name!r} has no weights: {error}", hint)


def taste(app_configs: Sequence[Any] | None = None, **kwargs: Any) -> list[checks.CheckMessage]:
    """E011: an event without a weight or a half-life. E012: a number of taste that must be positive is not."""
    found: list[checks.CheckMessage] = []
    for kind in Event.Kind.values:
        weight = genai_settings.TASTE_WEIGHTS.get(kind)
        if not isinstance(weight, int | float) or isinstance(weight, bool):
            hint = f"The default is {DEFAULTS['TASTE_WEIGHTS'][kind]}; a negative number pushes away."
            found.append(_error("E011", f"TASTE_WEIGHTS has no number for {kind!r}.", hint))
        if not _is_positive(genai_settings.TASTE_HALF_LIFE_DAYS.get(kind)):
            hint = f"Write a positive number of days; the default is {DEFAULTS['TASTE_HALF_LIFE_DAYS'][kind]}."
            found.append(_error("E011", f"TASTE_HALF_LIFE_DAYS has no half-life for {kind!r}.", hint))
    for name in ("TASTE_SHRINK", "TASTE_RADIUS", "TASTE_COOKIE_AGE", "TASTE_EVENTS_KEPT_DAYS"):
        if not _is_positive(getattr(genai_settings, name)):
            found.append(_error("E012", f"{name} must be a positive number.", f"The default is {DEFAULTS[name]}."))
    return found


def tryon(app_configs: Sequence[Any] | None = None, **kwargs: Any) -> list[checks.CheckMessage]:
    """E013: an unsound try-on method. E014: no such default. W010: photos are sent away. W011: refused by licence."""
    configured = genai_settings.TRYON_BACKENDS
    if not isinstance(configured, dict):
        hint = 'Write {"name": {"path": "…"}} or {"name": {"url": "https://…"}}.'
        return [_error("E013", "TRYON_BACKENDS is no dict.", hint)]
    found: list[checks.CheckMessage] = []
    for name, entry in configured.items():
        try:
            able = _able(name, entry)
        except ValueError as error:
            hint = "docs/tryon.md lists what an entry and a folder's backend.json hold."
            found.append(_error("E013", f"TRYON_BACKENDS[{name!r}] cannot be used: {error}", hint))
            continue
        if able.remote:
            hint = "Say so in the text that shoppers agree to, and raise its version. Silence this when that is done."
            found.append(
                _warning("W010", f"The try-on method {name!r} sends shoppers' photos to another machine.", hint)
            )
        if not able.commercial_ok and not genai_settings.TRYON_ALLOW_NON_COMMERCIAL:
            hint = "Remove it, or set TRYON_ALLOW_NON_COMMERCIAL if the shop may use it; until then it is refused."
            found.append(_warning("W011", f"The licence of the try-on method {name!r} forbids commercial use.", hint))
    known = tryon_backends().names()
    if genai_settings.TRYON_BACKEND not in known:
        hint = "There are: " + ", ".join(known) + "."
        found.append(_error("E014", f"TRYON_BACKEND is {genai_settings.TRYON_BACKEND!r}, which is no method.", hint))
    return found


def photos(app_configs: Sequence[Any] | None = None, **kwargs: Any) -> list[checks.CheckMessage]:
    """E015: TRYON_STORAGE is no alias. E016: a number is not positive. W012: kept too long. W013: a public storage.

    E017: TRYON_GARMENTS names a place where nothing is worn.
    """
    found: list[checks.CheckMessage] = []
    for name in ("TRYON_TTL", "TRYON_AUDIT_KEPT_DAYS", "TRYON_MAX_PER_DAY"):
        if not _is_positive(getattr(genai_settings, name)):
            found.append(_error("E016", f"{name} must be a positive number.", f"The default is {DEFAULTS[name]}."))
    kept = genai_settings.TRYON_TTL
    if _is_positive(kept) and kept > DEFAULTS["TRYON_TTL"]:
        hint = "Leave it at 24 hours or less. If it has to be more, the text that shoppers agree to must say so."
        found.append(_warning("W012", f"Shoppers' photos are kept for {kept / 3600:.0f} hours.", hint))
    for category, worn in genai_settings.TRYON_GARMENTS.items():
        if worn not in CATEGORIES:
            hint = "A garment is worn at: " + ", ".join(CATEGORIES) + "."
            found.append(_error("E017", f"TRYON_GARMENTS: {category!r} cannot be worn at {worn!r}.", hint))
    alias = genai_settings.TRYON_STORAGE
    if alias and alias not in settings.STORAGES:
        hint = "There are: " + ", ".join(sorted(settings.STORAGES)) + "."
        found.append(_error("E015", f"TRYON_STORAGE is {alias!r}, which is no alias of STORAGES.", hint))
    elif alias and settings.STORAGES[alias] == settings.STORAGES.get(genai_settings.STORAGE):
        hint = "Name an alias that no web server hands out, or leave it empty: then it is PRIVATE_STORAGE."
        found.append(_warning("W013", "Shoppers' photos are kept where the pages' public pictures are.", hint))
    return found


def _able(name: object, entry: object) -> Capabilities:
    """What a configured try-on method says of itself. Raises ValueError where it cannot be used."""
    if not isinstance(name, str) or not name.isidentifier() or name != name.lower() or name in OWN:
        raise ValueError("its name is no lower-case word, or one of the studio's own.")
    if not isinstance(entry, dict) or ("path" in entry) == ("url" in entry):
        raise ValueError("an entry has either a “path” or a “url”.")
    if "url" in entry:
        return remote.configured(name, entry)[1]
    described = external.described(name, entry)
    served = [settings.MEDIA_ROOT, settings.STATIC_ROOT]
    if any(_lies_in(described.folder, folder) for folder in served if folder):
        raise ValueError("its folder lies where files are uploaded or served: whoever puts a file there runs code.")
    return described.capabilities


def promoted_weights(
    app_configs: Sequence[Any] | None = None, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[checks.CheckMessage]:
    """W009: the files of promoted weights are gone or were changed on this machine. Only for a named database."""
    alias = router.db_for_write(Weights)
    if alias not in (databases or ()) or Weights._meta.db_table not in connections[alias].introspection.table_names():
        return []
    found: list[checks.CheckMessage] = []
    for row in Weights.objects.using(alias).filter(promoted=True).exclude(folder=""):
        try:
            registry.check_files(row)
        except GenaiError as error:
            hint = f"Put the files back, or go back with: manage.py genai_rollback {row.recipe}. Its new jobs fail."
            found.append(_warning("W009", f"The promoted weights {row} are not usable here: {error}", hint))
    return found


def _is_positive(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value > 0


def _lies_in(inner: object, outer: object) -> bool:
    return Path(str(inner)).resolve().is_relative_to(Path(str(outer)).resolve())


def _error(number: str, message: str, hint: str) -> checks.CheckMessage:
    return checks.Error(message, hint=hint, id=f"shop_genai.{number}")


def _warning(number: str, message: str, hint: str) -> checks.CheckMessage:
    return checks.Warning(message, hint=hint, id=f"shop_genai.{number}")
