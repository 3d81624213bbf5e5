"""The Pulumi side: resources for programs, the provider over clouds, engines, state."""
