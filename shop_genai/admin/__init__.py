"""The back office: pictures, jobs, results and weights in the Django admin."""

from shop_genai.admin.images import ProductImageAdmin
from shop_genai.admin.jobs import JobAdmin
from shop_genai.admin.results import GeneratedImageAdmin
from shop_genai.admin.weights import WeightsAdmin

__all__ = ["GeneratedImageAdmin", "JobAdmin", "ProductImageAdmin", "WeightsAdmin"]
