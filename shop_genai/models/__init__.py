"""The rows that the studio keeps: pictures, jobs and their log, results, weights, shoppers, their taste and try-ons."""

from shop_genai.models.images import GeneratedImage, ProductImage, Review
from shop_genai.models.jobs import IdempotencyKey, Job, JobEvent, JobInput, Lane, LaneState, Status
from shop_genai.models.shoppers import Event, Look, LookIndex, Shopper, TasteJob, TasteProfile
from shop_genai.models.tryon import GarmentAnalysis, ShopperPhoto, TryOn, TryOnAudit, TryOnConsent
from shop_genai.models.weights import Promotion, Weights

__all__ = [
    "Event",
    "GarmentAnalysis",
    "GeneratedImage",
    "IdempotencyKey",
    "Job",
    "JobEvent",
    "JobInput",
    "Lane",
    "LaneState",
    "Look",
    "LookIndex",
    "ProductImage",
    "Promotion",
    "Review",
    "Shopper",
    "ShopperPhoto",
    "Status",
    "TasteJob",
    "TasteProfile",
    "TryOn",
    "TryOnAudit",
    "TryOnConsent",
    "Weights",
]
