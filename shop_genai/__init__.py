"""An image studio for Django shops: enhance, review and publish product photos on the shop's own hardware."""

__version__ = "0.1.0"
