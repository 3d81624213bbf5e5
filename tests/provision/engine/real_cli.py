"""Says whether the real Pulumi CLI took part. Its tests exist only where it does."""

import os

import pytest

from liferaft.provision.engine.cli.executable import OLDEST, Executable, executable

REAL_CLI = "real_cli"
CLI = executable(os.environ)


def usable(found: Executable | None) -> bool:
    """A build without a version is one that somebody made on purpose, to be tried."""
    return found is not None and (found.is_supported or found.version is None)


def said(found: Executable | None) -> str:
    """The line at the end of a test run."""
    if found is None:
        return "real Pulumi CLI: not run here: no `pulumi` on PATH"
    if not usable(found):
        oldest = ".".join(map(str, OLDEST))
        return f"real Pulumi CLI: not run here: {found.path} is {found.told}, not {oldest} or newer"
    return f"real Pulumi CLI: {found.path}, {found.told}"


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", f"{REAL_CLI}: drives the Pulumi CLI on PATH")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    real = [item for item in items if item.get_closest_marker(REAL_CLI)]
    if real and not usable(CLI):
        config.hook.pytest_deselected(items=real)
        items[:] = [item for item in items if item not in real]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    terminalreporter.write_line(said(CLI))
