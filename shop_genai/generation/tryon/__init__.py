"""Virtual try-on: a person's photo and a garment's photo become the person wearing the garment."""
