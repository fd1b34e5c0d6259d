"""A third party's app. It adds a kind of generation to the studio with one file, ``genai_recipes.py``."""
