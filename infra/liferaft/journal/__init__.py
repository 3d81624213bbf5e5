"""What a run did, event by event, in the vault and on local disk."""
