"""Tests of the generators, without Django."""
