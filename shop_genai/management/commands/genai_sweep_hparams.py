"""Another name of `genai_sweep`."""

from __future__ import annotations

from .genai_sweep import Command

__all__ = ["Command"]
