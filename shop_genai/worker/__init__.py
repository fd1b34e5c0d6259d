"""Where jobs are worked on: claimed rows in, published results out."""

from shop_genai.worker.batch import run_batch
from shop_genai.worker.pulse import is_stopping, stop

__all__ = ["is_stopping", "run_batch", "stop"]
