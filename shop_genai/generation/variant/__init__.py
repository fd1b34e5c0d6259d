"""The variant VAE: a product in another look, the rest of the photo untouched."""
