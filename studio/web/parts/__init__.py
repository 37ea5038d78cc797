"""Pieces that tabs share."""
