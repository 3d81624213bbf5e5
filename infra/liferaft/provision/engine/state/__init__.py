"""The state of a stack, in Pulumi's own format: what rests where, who holds it, and its copies."""
