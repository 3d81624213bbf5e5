"""A simulated Hetzner Cloud: API v1 as https://docs.hetzner.cloud and its SDK describe it."""
