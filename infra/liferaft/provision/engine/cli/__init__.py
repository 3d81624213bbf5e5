"""The Pulumi CLI as an engine, where there is one on this machine."""
