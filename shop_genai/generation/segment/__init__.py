"""Segmentation: what of a picture is the product, and what a person wears. Importing this needs no torch."""
