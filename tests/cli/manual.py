#!/usr/bin/env python3
"""docs/cli.md, the man page and the completions are what the command line says of itself; `octet --manual > docs/cli.md` renews the first."""
import re
import shutil
import subprocess

from _octet import SOURCE, ok, run

manual = ok("--manual").stdout.decode()
assert manual == (SOURCE / "docs/cli.md").read_text(), "docs/cli.md is out of date: octet --manual > docs/cli.md"

commands = re.findall(r"^## octet (.*)$", manual, re.MULTILINE)
helps = {c: set(re.findall(r"^  (?:-\w, |    )--([a-z0-9-]+)", ok(*c.split(), "--help").stdout.decode(), re.MULTILINE)) for c in commands}
assert len(commands) > 10 and all("json" in h for h in helps.values())

# the man page has every command and option, and troff reads it without complaint
man = ok("--manual", "man").stdout.decode()
page = man.replace("\\-", "-")
for c, options in helps.items():
    assert f".SS octet {c} " in page or f".SS octet {c}\n" in page, c
    assert all(f"--{o}" in page for o in options), c
if shutil.which("groff"):
    read = subprocess.run(["groff", "-man", "-Tutf8", "-ww"], input=man.encode(), capture_output=True)
    assert read.returncode == 0 and not read.stderr, read.stderr.decode()


def complete(*words):
    """What bash offers for the last of the words."""
    script = ok("--completions", "bash").stdout.decode()
    script += "COMP_WORDS=(" + " ".join(f"'{w}'" for w in words) + f"); COMP_CWORD={len(words) - 1}; _octet; echo ${{COMPREPLY[@]}}"
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True)
    assert done.returncode == 0 and not done.stderr, done.stderr
    return done.stdout.split()


assert complete("octet", "qu") == ["quantize"] and complete("octet", "") == complete("octet", "-q", "")
assert complete("octet", "quantize", "") == ["static", "dynamic", "weights"]
assert complete("octet", "quantize", "static", "m.onnx", "--format", "") == ["qdq", "qoperator"]
assert complete("octet", "inspect", "--target", "ort-x") == ["ort-x64-vnni", "ort-x64-avx2"]
assert complete("octet", "quantize", "static", "--per-c") == ["--per-channel"]
for c, options in helps.items():
    assert set(complete("octet", *c.split(), "--")) == {f"--{o}" for o in options}, c
zsh = ok("--completions", "zsh").stdout.decode()
assert zsh.startswith("#compdef octet") and all(f"--{o}:" in zsh for options in helps.values() for o in options)
if shutil.which("zsh"):
    assert subprocess.run(["zsh", "-n"], input=zsh.encode()).returncode == 0
assert run("--completions", "fish").returncode == 2
