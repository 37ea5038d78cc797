"""Strangers against a public studio with limits: see ``docs/siege.md``."""
