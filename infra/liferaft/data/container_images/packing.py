"""An image in the OCI layout becomes an archive: the same bytes for the same image, whoever packs
it and when. So two operators who pull one image deploy one archive: the second has nothing to do.
"""

import io
import json
import tarfile
from pathlib import Path
from typing import Final

INDEX: Final = "index.json"
_NAME: Final = "org.opencontainers.image.ref.name"


def pack(layout: Path, archive: Path, name: str) -> str:
    """Write the one image of the layout, called `name`. Returns its manifest's digest. Blocks.
    Raises OSError, and ValueError for what is no layout of one image."""
    index = json.loads((layout / INDEX).read_bytes())
    if len(index["manifests"]) != 1:
        raise ValueError("it is no layout of one image")
    index["manifests"][0]["annotations"] = {_NAME: name}
    told = json.dumps(index, sort_keys=True, separators=(",", ":")).encode()
    with tarfile.open(archive, "w", format=tarfile.USTAR_FORMAT) as tar:
        for path in sorted(one for one in layout.rglob("*") if one.is_file()):
            member = tarfile.TarInfo(path.relative_to(layout).as_posix())
            if member.name == INDEX:
                member.size = len(told)
                tar.addfile(member, io.BytesIO(told))
            else:
                member.size = path.stat().st_size
                with path.open("rb") as file:
                    tar.addfile(member, file)
    return str(index["manifests"][0]["digest"])
