"""Settings of PostgreSQL that are the application's: which may be set, and their file."""

import re
from collections.abc import Mapping
from typing import Final

_NAME: Final = re.compile(r"[a-z_][a-z0-9_]*(\.[a-z_][a-z0-9_]*)?", re.ASCII)
_LONGEST: Final = 1000
_OURS: Final = frozenset(
    {
        *("listen_addresses", "port", "hba_file", "ident_file", "data_directory", "config_file"),
        *("external_pid_file", "unix_socket_directories", "unix_socket_permissions"),
        *("unix_socket_group", "password_encryption", "wal_level", "hot_standby", "archive_mode"),
        *("archive_timeout", "archive_command", "archive_library", "archive_cleanup_command"),
        *("recovery_end_command", "restore_command", "primary_conninfo", "primary_slot_name"),
        *("promote_trigger_file", "wal_retrieve_retry_interval", "include", "include_dir"),
        *("include_if_exists", "fsync", "full_page_writes", "data_checksums", "cluster_name"),
        *("log_destination", "logging_collector", "ssl", "ssl_cert_file", "ssl_key_file"),
        *("krb_server_keyfile", "dynamic_library_path", "local_preload_libraries"),
        *("zero_damaged_pages", "ignore_checksum_failure", "ignore_invalid_pages"),
        *("allow_system_table_mods", "hot_standby_feedback", "restart_after_crash"),
    }
)
_RECOVERY: Final = "recovery_"
_SHARED: Final[Mapping[str, tuple[str, int]]] = {
    "max_connections": ("max_connections", 100),
    "max_worker_processes": ("max_worker_processes", 8),
    "max_wal_senders": ("max_wal_senders", 10),
    "max_prepared_transactions": ("max_prepared_xacts", 0),
    "max_locks_per_transaction": ("max_locks_per_xact", 64),
}
"""A standby starts only where these are no smaller than they were at the primary: what its control
file calls each, and PostgreSQL's own.
https://www.postgresql.org/docs/15/hot-standby.html#HOT-STANDBY-ADMIN"""
_CONTROL: Final = re.compile(r"(\w+) setting: +(\d+)", re.ASCII)


def lifted(settings: Mapping[str, str], control: str) -> Mapping[str, str]:
    """What a copy has to start with in place of its settings. control: what pg_controldata says of
    it."""
    had = {name: int(value) for name, value in _CONTROL.findall(control)}
    return {
        name: str(had[called])
        for name, (called, usual) in _SHARED.items()
        if had.get(called, 0) > _number(settings.get(name, ""), usual)
    }


def _number(value: str, usual: int) -> int:
    return int(value) if value.isdecimal() else usual


def unsettable(name: str, value: str) -> str:
    """Why a setting cannot be set so; empty for one that can."""
    if not _NAME.fullmatch(name):
        return f"{name[:80]!r} is not a setting of PostgreSQL"
    if name in _OURS or name.startswith(_RECOVERY):
        return f"{name} is liferaft's own: what is written comes back by it, or the server is told"
    if not value.isprintable() or len(value) > _LONGEST:
        return f"the value of {name} is none"
    return ""


def rows(settings: Mapping[str, str]) -> str:
    """Lines of postgresql.conf."""
    return "".join(f"{name} = {quoted(settings[name])}\n" for name in sorted(settings))


def libraries(settings: Mapping[str, str]) -> tuple[str, ...]:
    """What PostgreSQL is to load as it starts, and does not start without."""
    named = settings.get("shared_preload_libraries", "").split(",")
    return tuple(one.strip().strip('"').removesuffix(".so") for one in named if one.strip())


def quoted(value: str) -> str:
    """A value in postgresql.conf."""
    text = value.replace("\\", "\\\\").replace("'", "''")
    return f"'{text}'"
