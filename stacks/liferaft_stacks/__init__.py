"""Pulumi projects that describe applications. Found by path, never imported."""
