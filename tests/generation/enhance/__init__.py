"""Tests of the enhancer."""
