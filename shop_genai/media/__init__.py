"""What happens to a picture: decoded safely, re-encoded bare, stored by content, shown in several sizes.

Everything a hostile file can do ends here in a coded refusal. Nothing here imports torch or Celery.
"""

from shop_genai.media.decoding import Header, decode, inspect, preview
from shop_genai.media.files import (
    ROOT,
    TRYON,
    delete,
    delete_folder,
    get,
    named,
    put,
    storage_errors,
    tryon_storage,
    upload_folder,
)
from shop_genai.media.formats import CONTENT_TYPES, FORMATS, SUFFIXES, missing_codecs
from shop_genai.media.links import SignedFile, is_private, link, sign, unsign
from shop_genai.media.provenance import Provenance, read_provenance
from shop_genai.media.reading import open_input, read_bytes
from shop_genai.media.results import drop_leftover, erase_result, name_of_shopper, store_result
from shop_genai.media.thumbnails import make_thumbnail, thumbnail_of_bytes
from shop_genai.media.uploads import accept_upload, erase_upload

__all__ = [
    "CONTENT_TYPES",
    "FORMATS",
    "ROOT",
    "SUFFIXES",
    "TRYON",
    "Header",
    "Provenance",
    "SignedFile",
    "accept_upload",
    "decode",
    "delete",
    "delete_folder",
    "drop_leftover",
    "erase_result",
    "erase_upload",
    "get",
    "inspect",
    "is_private",
    "link",
    "make_thumbnail",
    "missing_codecs",
    "name_of_shopper",
    "named",
    "open_input",
    "preview",
    "put",
    "read_bytes",
    "read_provenance",
    "sign",
    "storage_errors",
    "store_result",
    "thumbnail_of_bytes",
    "tryon_storage",
    "unsign",
    "upload_folder",
]
