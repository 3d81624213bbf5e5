"""Google Cloud, simulated: Compute Engine, Cloud DNS, Cloud Storage, and tokens for them."""
