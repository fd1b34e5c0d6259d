"""The shapes that go over the wire: what requests may hold, and what answers hold.

Answers are written by hand in ``to_representation``, which is several times faster than field by field; the
declared fields describe them for the schema. A test holds the two together.
"""
