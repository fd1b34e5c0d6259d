"""Enhance: blind restoration of product photos at x1, x2 and x4. Importing this package does not import torch."""
