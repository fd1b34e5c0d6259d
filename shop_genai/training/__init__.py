"""Training without Django: `python -m shop_genai.training KIND --data DIR --out DIR`."""
