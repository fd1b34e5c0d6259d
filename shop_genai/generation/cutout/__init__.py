"""Cutout: the product without its surroundings. Importing this package does not import torch."""
