"""The rehearsal: a real application is cut off by its cloud and lives on at another one."""
