"""The plugin as the Pulumi CLI meets it: an executable that prints a port and answers on it."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf import empty_pb2, json_format, struct_pb2
from pulumi.runtime.proto import plugin_pb2, provider_pb2_grpc
from pulumi.runtime.proto import provider_pb2 as wire

from liferaft.provision import plugin
from liferaft.provision.description import ServerGroup, SiteDescription
from liferaft.provision.engine.contract import Request, StateLocation
from liferaft.provision.engine.embedded.engine import EmbeddedEngine
from liferaft.provision.servicer import serve

PLUGIN = Path(sys.executable).parent / "pulumi-resource-liferaft"
SERVER = "urn:pulumi:aws-east::chirp::liferaft:index:Server::app-1"


@asynccontextmanager
async def served(*arguments: str) -> AsyncIterator[Any]:
    process = await asyncio.create_subprocess_exec(
        PLUGIN, *arguments, stdout=asyncio.subprocess.PIPE, env={"PATH": ""}
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(90):
            port = int(await process.stdout.readline())
        async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
            yield provider_pb2_grpc.ResourceProviderStub(channel)
    finally:
        process.terminate()
        await process.wait()


@pytest.mark.golden
async def test_the_plugin_answers_what_the_cli_asks_before_it_uses_one() -> None:
    async with served("127.0.0.1:1", "-v=3", "--logflow", "--logtostderr") as stub:
        info = await stub.GetPluginInfo(empty_pb2.Empty())
        assert info.version == version("liferaft")
        assert (
            "liferaft:index:Server"
            in json.loads((await stub.GetSchema(_schema())).schema)["resources"]
        )
        await stub.Attach(plugin_pb2.PluginAttach(address="127.0.0.1:2"))
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await stub.Handshake(wire.ProviderHandshakeRequest())
        assert refused.value.code() == grpc.StatusCode.UNIMPLEMENTED  # the engine goes on without
        await _says_what_is_wrong_in_its_own_words(stub)


async def _says_what_is_wrong_in_its_own_words(stub: Any) -> None:
    args = json_format.ParseDict({"cloud": "aws"}, struct_pb2.Struct())
    with pytest.raises(grpc.aio.AioRpcError) as failed:
        await stub.Configure(wire.ConfigureRequest(args=args))
    assert failed.value.details() == ("The provider's configuration lacks region, app, site, epoch")


def _schema() -> wire.GetSchemaRequest:
    return wire.GetSchemaRequest(version=0)


def test_the_plugin_tells_its_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as leave:
        serve(["--version"], "1.2.3", plugin.provider({}))
    assert leave.value.code == 0
    assert capsys.readouterr().out == "1.2.3\n"


SHAPE = SiteDescription(
    groups=(ServerGroup("app", 2, 4096, ports=(80, 443)),),
    ssh_public_key="ssh-ed25519 AAAA operator",
    bucket="chirp-media",
)


@pytest.mark.golden
async def test_an_engine_that_finds_the_plugin_on_path_previews_a_whole_site(
    tmp_path: Path,
) -> None:
    """The program, the plugin's process and its wire, as with the CLI; no cloud is asked."""
    program = tmp_path / "program"
    program.mkdir()
    (program / "Pulumi.yaml").write_text("name: chirp\nruntime: python\n")
    (program / "__main__.py").write_text(
        "from liferaft.provision.site import Site\n\nSite.from_config().export()\n"
    )
    place = {"cloud": "aws", "region": "us-east-1", "app": "chirp", "site": "east", "epoch": "1"}
    request = Request(
        program,
        "chirp",
        "east",
        StateLocation(f"file://{tmp_path}/state"),
        passphrase="p",
        config={
            **{f"liferaft:{name}": value for name, value in place.items()},
            "chirp:spec": SHAPE.to_json(),
        },
        secret_config={"chirp:user_data": json.dumps({"app-1": "#!/bin/sh\n"})},
        environment={"PATH": str(PLUGIN.parent)},
    )
    outcome = await EmbeddedEngine().preview(request, lambda _: None)
    assert outcome.ok, outcome.errors
    assert outcome.changes == {"create": 8}
