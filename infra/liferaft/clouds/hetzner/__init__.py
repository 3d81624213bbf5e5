"""Hetzner Cloud through hcloud; its object storage through S3."""
