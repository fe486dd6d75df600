"""Tests of the sample and its renderer."""
