"""What the tests of the command line share: running it, reading what it says, and the demo's data."""
import json
import os
import pathlib
import shutil
import struct
import subprocess

OCTET = os.environ["OCTET"]
SOURCE = pathlib.Path(os.environ["OCTET_SOURCE"])
SCRATCH = pathlib.Path(os.environ["SCRATCH"])
DATA = SOURCE / "examples/data/digits_mbv2"
MODEL, CALIB, EVAL = DATA / "model.onnx", DATA / "calib", DATA / "eval"
KINDS = {"internal": 1, "usage": 2, "invalid": 3, "unsupported": 4, "runtime": 5, "io": 6}


def fresh():
    """An empty scratch folder, which also becomes the current one."""
    shutil.rmtree(SCRATCH, ignore_errors=True)
    SCRATCH.mkdir(parents=True)
    os.chdir(SCRATCH)


def run(*arguments, stdin=b"", environment=None):
    return subprocess.run([OCTET, *map(str, arguments)], input=stdin, capture_output=True, timeout=250,
                          env={**os.environ, **(environment or {})})


def ok(*arguments, **more):
    """Runs; must succeed."""
    done = run(*arguments, **more)
    assert done.returncode == 0, f"{arguments}: exit {done.returncode}\n{done.stderr.decode()}"
    return done


def result(*arguments, **more):
    """Runs with --json; must succeed. The object, which must be all of stdout."""
    done = ok(*arguments, "--json", **more)
    lines = done.stdout.decode().splitlines()
    assert len(lines) == 1, f"{arguments}: stdout has {len(lines)} lines"
    got = json.loads(lines[0])
    assert got["status"] == "ok" and isinstance(got["warnings"], list), got
    return got


def refused(kind, text, *arguments, shows=False, **more):
    """Runs; must fail with this kind, its exit code, and a message that holds `text`, with and without --json. `shows`: the
    command has a result all the same."""
    done = run(*arguments, **more)
    said = done.stderr.decode()
    assert done.returncode == KINDS[kind], f"{arguments}: exit {done.returncode}, not {KINDS[kind]} ({kind})\n{said}"
    errors = [line for line in said.splitlines() if line.startswith("octet: error: ")]
    assert len(errors) == 1 and text in errors[0], f"{arguments}: expected {text!r} in {said!r}"
    assert (done.stdout != b"") == shows, done.stdout
    done = run("--json", *arguments, **more)
    got = json.loads(done.stdout)
    assert done.returncode == KINDS[kind] and got["status"] == "error" and got["error"]["kind"] == kind, got
    assert text in got["error"]["message"] or text in got["error"].get("hint", ""), got
    return got


def nothing_but(*names):
    """Fails when the scratch folder holds anything else: outputs of failed runs, temporary files."""
    extra = {p.name for p in SCRATCH.iterdir()} - set(names)
    assert not extra, f"left behind: {sorted(extra)}"


def varint(data, at):
    value = shift = 0
    while True:
        value |= (data[at] & 127) << shift
        at, shift = at + 1, shift + 7
        if data[at - 1] < 128:
            return value, at


def tensor(path):
    """(dims, type, name, raw bytes) of a TensorProto that keeps its values in raw_data."""
    data, at, dims, fields = pathlib.Path(path).read_bytes(), 0, [], {}
    while at < len(data):
        key, at = varint(data, at)
        if key & 7 == 0:
            value, at = varint(data, at)
        else:
            size, at = varint(data, at)
            value, at = data[at:at + size], at + size
        if key >> 3 == 1:
            if isinstance(value, bytes):
                i = 0
                while i < len(value):
                    d, i = varint(value, i)
                    dims.append(d)
            else:
                dims.append(value)
        else:
            fields[key >> 3] = value
    return dims, fields.get(2), fields.get(8, b"").decode(), fields.get(9, b"")


def floats(path):
    raw = tensor(path)[3]
    return list(struct.unpack(f"<{len(raw) // 4}f", raw))


def varint_bytes(n):
    out = b""
    while n > 127:
        out, n = out + bytes([n & 127 | 128]), n >> 7
    return out + bytes([n])


def write_tensor(path, dims, values, name="x"):
    """A FLOAT TensorProto."""
    raw = struct.pack(f"<{len(values)}f", *values)
    body = b"".join(b"\x08" + varint_bytes(d) for d in dims) + b"\x10\x01"
    body += b"\x42" + varint_bytes(len(name)) + name.encode() + b"\x4a" + varint_bytes(len(raw)) + raw
    pathlib.Path(path).write_bytes(body)
