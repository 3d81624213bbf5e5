"""Google Cloud through google-cloud-compute and google-cloud-storage."""
