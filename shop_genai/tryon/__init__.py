"""Try-on for shoppers: consent, a photo for a time, a garment on it, and all of it gone again.

    tryon.consent(shopper, version="1", language="en")
    photo = tryon.upload(shopper, file)                  # ConsentMissing without the present text's consent
    row = tryon.submit(shopper, photo, product)          # ahead of everything that nobody waits for
    tryon.state(row)                                     # progress, or the result, or why there is none in words
    tryon.delete(photo)                                  # files, rows, results: at once

The API and pages ask here. What is deleted by itself is deleted by ``shop_genai.photos``.
"""

from shop_genai.tryon.consenting import consent, consent_text, consented, withdraw
from shop_genai.tryon.garments import garment_of
from shop_genai.tryon.quota import Limits, limits
from shop_genai.tryon.submitting import submit
from shop_genai.tryon.uploading import delete, erase, photos_of, upload
from shop_genai.tryon.watching import State, state, tryons_of
from shop_genai.tryon.words import Words, advice_of, category_labels, refusal, warning

__all__ = [
    "Limits",
    "State",
    "Words",
    "advice_of",
    "category_labels",
    "consent",
    "consent_text",
    "consented",
    "delete",
    "erase",
    "garment_of",
    "limits",
    "photos_of",
    "refusal",
    "state",
    "submit",
    "tryons_of",
    "upload",
    "warning",
    "withdraw",
]
