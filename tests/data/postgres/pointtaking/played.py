"""Programs of a host, played over a folder for each vault."""

PLAYED = """\
#!/usr/bin/python3
import json, os, pathlib, sys, time
words = [word for word in sys.argv[1:] if not word.startswith("--")]
options = dict(word[2:].partition("=")[::2] for word in sys.argv[1:] if word.startswith("--"))
store = pathlib.Path(options["config"]).parent.name
root = pathlib.Path(os.environ["VAULTS"]) / store / "chirp"
assert options.get("repo1-path", "/chirp") == "/chirp"
if (root / "dead").exists():
    sys.exit("HostConnectError")
backups = root / "backups.json"
rows = json.loads(backups.read_text()) if backups.exists() else []
log = pathlib.Path(os.environ["VAULTS"]) / "log"
log.open("a").write(f"{store} {options.get('type', '')} {' '.join(words)}\\n")
match words:
    case ["repo-ls", folder]:
        found = sorted(os.listdir(root / folder)) if (root / folder).is_dir() else []
        print(json.dumps({name: {"type": "file"} for name in found}))
    case ["repo-get", key]:
        sys.stdout.buffer.write((root / key).read_bytes())
    case ["repo-put", key]:
        body = sys.stdin.buffer.read()
        (root / key).parent.mkdir(exist_ok=True)
        (root / key).write_bytes(b"" if (root / "forgets").exists() else body)
        if (root / "fenced-late").exists():
            (root / "epoch" / "00000002").write_text("another site")
    case ["repo-rm", key]:
        (root / key).unlink(missing_ok=True)
    case ["info"]:
        print(json.dumps([{"db": [{"system-id": 77}], "backup": rows, "status": {"code": 0}}]))
    case ["backup"]:
        if (root / "full").exists():
            sys.exit("no space left")
        stop = int(os.environ["NOW"]) + len(rows)
        full = rows[0]["label"] + "_" if options["type"] != "full" else ""
        segment = f"{1:08X}{len(rows) + 9:016X}"
        rows.append({
            "label": f"{full}20261129-{len(rows):06}{options['type'][0].upper()}",
            "annotation": {"marker": options["annotation"].partition("=")[2]},
            "error": False,
            "type": options["type"],
            "timestamp": {"stop": stop},
            "info": {"size": 4096},
            "lsn": {"start": "0/A000028", "stop": "0/B000050"},
            "archive": {"start": segment, "stop": segment},
        })
        backups.write_text(json.dumps(rows))
        if (root / "fenced").exists():
            (root / "epoch" / "00000002").write_text("another site")
"""
BEHIND = """#!/bin/bash\nwhile [ "$1" != -- ]; do shift; done; shift; exec "$@"\n"""
