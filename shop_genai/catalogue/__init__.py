"""How the shop's own pictures are reached: read, replaced by a published result, and put back exactly.

Which models take part says ``SHOP_GENAI["PRODUCT_IMAGES"]``. A shop whose pictures are not image fields names
its own adapter in ``PRODUCT_ADAPTER``. The studio never deletes a file of the shop.
"""

from shop_genai.catalogue.adapters import ImageFieldAdapter, ProductAdapter, adapter, field_of, tracked_models
from shop_genai.catalogue.facts import (
    category_label,
    category_of,
    colour_of,
    fact,
    hosts,
    pictures_of,
    product_key,
    product_of,
    related,
    rows_of,
    tracked,
)
from shop_genai.catalogue.tracking import current, host, publish_bytes, reader, restore_bytes, track, track_all

__all__ = [
    "ImageFieldAdapter",
    "ProductAdapter",
    "adapter",
    "category_label",
    "category_of",
    "colour_of",
    "current",
    "fact",
    "field_of",
    "host",
    "hosts",
    "pictures_of",
    "product_key",
    "product_of",
    "publish_bytes",
    "reader",
    "related",
    "restore_bytes",
    "rows_of",
    "track",
    "track_all",
    "tracked",
    "tracked_models",
]
