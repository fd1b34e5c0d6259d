"""What a shop's pages show: approved pictures and variants of its rows, and what is recommended to whom.

The template tags and the API ask here. A page asks once for all that it shows, and nothing here asks a storage for more
than an address.
"""

from shop_genai.storefront.pictures import address_of, find_pictures, picture_of
from shop_genai.storefront.recommended import recommended, remembered_taste
from shop_genai.storefront.summary import Summary, summary
from shop_genai.storefront.variants import Variant, find_variants, variants_of
from shop_genai.storefront.wearable import Wearable, wearable

__all__ = [
    "Summary",
    "Variant",
    "Wearable",
    "address_of",
    "find_pictures",
    "find_variants",
    "picture_of",
    "recommended",
    "remembered_taste",
    "summary",
    "variants_of",
    "wearable",
]
