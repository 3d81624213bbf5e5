"""What a server needs to carry the application: user data, trust, the Compose workload."""
