"""The application's objects: copied into the vault all the time, brought back behind."""
