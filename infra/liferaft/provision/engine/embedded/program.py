"""Running a Pulumi program: what the CLI's language host and executor do, in this process."""

import asyncio
import logging
import os
import runpy
import sys
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

import pulumi
from pulumi.runtime import config as pulumi_config

from liferaft.provision.engine.contract import Request
from liferaft.provision.engine.faults import BadProgram, EngineLacks
from liferaft.provision.engine.project_file import read_project

_KNOWN_KEYS: Final = {
    "name", "runtime", "description", "author", "website", "license", "template",
}  # fmt: skip
_OPTIONS: Final = (
    "transforms", "hooks", "custom_timeouts", "plugin_download_url", "replace_with",
    "replacement_trigger", "env_var_mappings", "state_migrations", "hide_diffs",
)  # fmt: skip
_CALLS: Final = {
    "provider functions": "invoke invoke_async invoke_output invoke_single invoke_output_single",
    "methods of components": "call call_single",
    "transforms": "register_resource_transform register_stack_transform",
    "invoke transforms": "register_invoke_transform",
    "resource hooks": "ResourceHook",
    "error hooks": "ErrorHook",
}
"""What a program may call at any line: refused there, not when its request comes to the engine."""


class ProgramFailed(Exception):
    """The program ended badly; the text is what the Pulumi CLI would show of it."""


def check_program(folder: Path) -> None:
    """Raises `BadProgram` or `EngineLacks` when the folder cannot be run here."""
    found = read_project(folder)
    runtime = found.get("runtime")
    language = runtime.get("name") if isinstance(runtime, dict) else runtime
    if language != "python":
        raise EngineLacks(f"programs in `{language}`")
    for key in found.keys() - _KNOWN_KEYS:
        raise EngineLacks(f"`{key}` in Pulumi.yaml")
    if not (folder / "__main__.py").is_file():
        raise BadProgram(f"There is no __main__.py in {folder}.")


def run_program(
    request: Request,
    monitor: Any,
    engine: Any,
    refuse: Callable[[EngineLacks], None],
    *,
    preview: bool,
) -> None:
    """Run the program to its end; raises `ProgramFailed`.

    `refuse` is called as soon as the program asks for what we do not know. To be called once in
    a process: a program leaves its modules, its folder and more behind.
    """
    os.chdir(request.program)
    sys.argv = [str(request.program)]
    pulumi_config.set_all_config(
        {**request.config, **request.secret_config}, list(request.secret_config)
    )
    pulumi.runtime.configure(
        pulumi.runtime.Settings(
            project=request.project,
            stack=request.stack,
            monitor=monitor,
            engine=engine,
            parallel=request.parallel,
            dry_run=preview,
            organization="organization",
            root_directory=str(request.program),
        )
    )
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)  # it repeats what the SDK reports
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    # Each registration under way holds a thread; the language host allows as many.
    loop.set_default_executor(ThreadPoolExecutor(request.parallel * 4))
    try:
        loop.run_until_complete(pulumi.runtime.run_in_stack(lambda: _body(request.program, refuse)))
    except pulumi.RunError as error:
        raise ProgramFailed(str(error)) from error
    except SystemExit as error:
        if error.code not in (None, 0):
            text = f"the program exited with non-zero exit code: {error.code}"
            raise ProgramFailed(text) from error
        monitor.SignalAndWaitForShutdown(None)  # a program that exits with 0 ended well
    except Exception as error:
        text = "Program failed with an unhandled exception:\n" + _shown(error, request.program)
        raise ProgramFailed(text) from error


async def _body(folder: Path, refuse: Callable[[EngineLacks], None]) -> None:
    def refused(what: str) -> EngineLacks:
        failure = EngineLacks(what)
        refuse(failure)
        return failure

    def look(args: pulumi.ResourceTransformationArgs) -> None:
        for what in _unknown(args):
            raise refused(f"{what} (resource {args.name}, {args.type_})")

    def stand_in(what: str) -> Callable[..., None]:
        def call(*_: Any, **__: Any) -> None:
            raise refused(what)

        return call

    for what, names in _CALLS.items():
        for name in names.split():
            place = pulumi if name.endswith("Hook") else pulumi.runtime
            setattr(place, name, stand_in(what))
    # The SDK's own, public way to look at each resource as it is constructed. The first
    # registration leaves the program after its last line, so nothing is touched when we refuse.
    pulumi.runtime.register_stack_transformation(look)
    runpy.run_path(str(folder), run_name="__main__")  # the folder, or siblings are not found
    # Have the registrations begin: the SDK awaits what has begun one by one, but looks through
    # all outputs each time one of them is ready, which takes seconds for a thousand resources.
    await asyncio.sleep(0)


def _unknown(args: pulumi.ResourceTransformationArgs) -> list[str]:
    """What of a resource that is being constructed we do not know."""
    given, paths = vars(args.opts), []
    for name in ("ignore_changes", "replace_on_changes"):
        paths += [path for path in given.get(name) or () if "." in path or "[" in path]
    found = [f"the option `{n}`" for n in _OPTIONS if _says_something(given.get(n))]
    found += [f"a path inside a property, `{path}`" for path in paths]
    if any(isinstance(v, pulumi.Asset | pulumi.Archive) for v in (args.props or {}).values()):
        found.append("assets and archives")
    if args.type_.startswith("pulumi-python:"):
        found.append("dynamic providers")
    return found


def _says_something(option: Any) -> bool:
    """Merged options hold empty hooks that nobody asked for."""
    hooks = isinstance(option, pulumi.ResourceHookBinding)
    return any(vars(option).values()) if hooks else bool(option)


def _shown(error: BaseException, folder: Path) -> str:
    """The traceback from the program's own first line on, if it has one."""
    shown = traceback.TracebackException.from_exception(error)
    frames = list(shown.stack)
    inside = [n for n, frame in enumerate(frames) if frame.filename.startswith(f"{folder}/")]
    if inside:
        shown.stack = traceback.StackSummary.from_list(frames[inside[0] :])
        shown.__cause__ = shown.__context__ = None
    return "".join(shown.format())
