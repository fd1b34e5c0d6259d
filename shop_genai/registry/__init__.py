"""The registry of weights: what is known, what new jobs use, and the only writer of ``Weights.promoted``.

Weights are registered from a local folder, promoted when their figures on the same test set are better than those
of the weights in use, and rolled back in one step. Jobs that exist keep the weights they were pinned to.
"""

from shop_genai.registry.figures import Comparison, Line, Measurement, measurements
from shop_genai.registry.files import check_files, report_picture, report_pictures
from shop_genai.registry.promoting import (
    FORCE,
    PROMOTE,
    compare,
    history,
    promote,
    rollback,
    rollback_target,
)
from shop_genai.registry.rows import find, in_use, packaged, register

__all__ = [
    "FORCE",
    "PROMOTE",
    "Comparison",
    "Line",
    "Measurement",
    "check_files",
    "compare",
    "find",
    "history",
    "in_use",
    "measurements",
    "packaged",
    "promote",
    "register",
    "report_picture",
    "report_pictures",
    "rollback",
    "rollback_target",
]
