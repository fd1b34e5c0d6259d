"""The recipe “invert”, for worker processes and tests that need no torch."""

from shop_genai.recipes import register
from tests.fakes.recipes import INVERT

register(INVERT)
