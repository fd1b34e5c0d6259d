"""The training command: `python -m shop_genai.training KIND --data DIR --out DIR [--minutes N] [--resume]`."""

from __future__ import annotations

from shop_genai.training.command import main

if __name__ == "__main__":
    main()
