"""The REST door, version 1: images, recipes, jobs, results, schema and health.

Nothing here reads or changes the host's ``REST_FRAMEWORK``: every policy is set on the studio's own view
class (``views.studio.StudioView``), and every error leaves as an RFC 9457 problem (``problems``).
"""
