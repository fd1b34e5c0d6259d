"""The catalogue with looks that tests of taste choose."""

from __future__ import annotations

from tests.taste.conftest import place, shopper, weights

__all__ = ["place", "shopper", "weights"]  # fixtures
