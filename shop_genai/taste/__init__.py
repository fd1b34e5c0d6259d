"""Taste: what shoppers did, with their consent → where their taste lies in the latent space of looks → what they see.

    shopper = taste.shopper_of(request)            # None for somebody unknown
    taste.record_event(shopper, "view", product)   # nothing without consent
    taste.recommend(shopper, count=8)              # popular products for somebody unknown
    taste.taste_of(shopper).target("t-shirt")      # the look that variants for this shopper aim at

Nothing here imports torch. numpy is imported when something is ranked, not before.
"""

from shop_genai.taste.consent import consenting, export, give_consent, withdraw_consent
from shop_genai.taste.erasing import erase, note_jobs
from shop_genai.taste.events import record_event
from shop_genai.taste.identity import COOKIE, connect, forget, merge, remember, shopper_of
from shop_genai.taste.profile import Taste, taste_of
from shop_genai.taste.reasons import Reason
from shop_genai.taste.recommending import Recommendation, recommend, similar

__all__ = [
    "COOKIE",
    "Reason",
    "Recommendation",
    "Taste",
    "connect",
    "consenting",
    "erase",
    "export",
    "forget",
    "give_consent",
    "merge",
    "note_jobs",
    "recommend",
    "record_event",
    "remember",
    "shopper_of",
    "similar",
    "taste_of",
    "withdraw_consent",
]
