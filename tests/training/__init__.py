"""Tests of training, without Django."""
