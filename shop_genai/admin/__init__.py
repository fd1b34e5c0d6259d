"""The back office: pictures, jobs, results, weights, shoppers and their try-ons in the Django admin."""

from shop_genai.admin.images import ProductImageAdmin
from shop_genai.admin.jobs import JobAdmin
from shop_genai.admin.results import GeneratedImageAdmin
from shop_genai.admin.shoppers import EventAdmin, ShopperAdmin, TasteProfileAdmin
from shop_genai.admin.tryon import GarmentAnalysisAdmin, TryOnAdmin, TryOnAuditAdmin, TryOnConsentAdmin
from shop_genai.admin.variants import generate_variants
from shop_genai.admin.weights import WeightsAdmin

__all__ = [
    "EventAdmin",
    "GarmentAnalysisAdmin",
    "GeneratedImageAdmin",
    "JobAdmin",
    "ProductImageAdmin",
    "ShopperAdmin",
    "TasteProfileAdmin",
    "TryOnAdmin",
    "TryOnAuditAdmin",
    "TryOnConsentAdmin",
    "WeightsAdmin",
    "generate_variants",
]
