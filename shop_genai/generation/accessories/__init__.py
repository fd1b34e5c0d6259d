"""Accessories on a face: glasses, earrings, hats, lipstick, hair colour. Importing this needs no torch."""
