"""One `google.rpc.Status` for Pulumi's SDK and Google's in the same process.

Both bring that message, in files of other names; a process's descriptor pool takes a symbol once,
and whoever is imported second fails ("duplicate symbol 'google.rpc.Status'"). The files say the
same: the second name becomes one for the first.
"""

import importlib
import sys
from typing import NamedTuple

from google.protobuf.descriptor_pb2 import FileDescriptorProto
from google.protobuf.descriptor_pool import Default


class _Generated(NamedTuple):
    file: str
    module: str


_GOOGLES = _Generated("google/rpc/status.proto", "google.rpc.status_pb2")
_PULUMIS = _Generated("google/protobuf/status.proto", "pulumi.runtime.proto.status_pb2")


def share() -> None:
    """To be called before anything of Google's is imported; doing so again changes nothing."""
    first, other = (_PULUMIS, _GOOGLES) if _is_known(_PULUMIS) else (_GOOGLES, _PULUMIS)
    module = importlib.import_module(first.module)
    if not _is_known(other):
        same = FileDescriptorProto(
            name=other.file,
            package="google.rpc",
            dependency=[first.file],
            public_dependency=[0],
            syntax="proto3",
        )
        Default().AddSerializedFile(same.SerializeToString())
        sys.modules[other.module] = module


def _is_known(generated: _Generated) -> bool:
    try:
        Default().FindFileByName(generated.file)
    except KeyError:
        return False
    return True
