"""The rows that the studio keeps: pictures, jobs and their log, results, and the weights that made them."""

from shop_genai.models.images import GeneratedImage, ProductImage, Review
from shop_genai.models.jobs import IdempotencyKey, Job, JobEvent, JobInput, Lane, LaneState, Status
from shop_genai.models.weights import Promotion, Weights

__all__ = [
    "GeneratedImage",
    "IdempotencyKey",
    "Job",
    "JobEvent",
    "JobInput",
    "Lane",
    "LaneState",
    "ProductImage",
    "Promotion",
    "Review",
    "Status",
    "Weights",
]
