"""Certificates and their keys, as Caddy stores them."""
