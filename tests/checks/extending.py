#!/usr/bin/env python3
"""extending.py BUILD SCRATCH: applies the diffs of docs/extending.md, section by section, each to a fresh copy, and runs the tests they touch.

Hunks are found by their text, not by their line numbers, so that an unrelated change does not break the page."""
import pathlib
import platform
import re
import shutil
import subprocess
import sys

from project import compiler, flags, root_of


def sections(text):
    """(title, [diff, …]) of each '## ' section that has diffs."""
    parts = re.split(r"^## +(.*)$", text, flags=re.MULTILINE)
    found = [(title, re.findall(r"^```diff\n(.*?)^```", body, re.MULTILINE | re.DOTALL)) for title, body in zip(parts[1::2], parts[2::2])]
    return [(title, diffs) for title, diffs in found if diffs]


def apply(diff, root):
    """Applies a unified diff below `root`; returns the files it touches. Raises ValueError when a hunk's text is not there, or not once."""
    touched = []
    for part in re.split(r"^(?=--- )", diff, flags=re.MULTILINE):
        if not part.strip():
            continue
        lines = part.splitlines()
        old, new = lines[0][4:].split("\t")[0].strip(), lines[1][4:].split("\t")[0].strip()
        path = root / re.sub(r"^b/", "", new)
        text = "" if old == "/dev/null" else path.read_text()
        for hunk in re.split(r"^@@[^\n]*\n", "\n".join(lines[2:]) + "\n", flags=re.MULTILINE)[1:]:
            rows = hunk.splitlines()
            before = "".join(r[1:] + "\n" for r in rows if r[:1] in (" ", "-", ""))
            after = "".join(r[1:] + "\n" for r in rows if r[:1] in (" ", "+", ""))
            if old == "/dev/null":
                text = after
            elif text.count(before) != 1:
                raise ValueError(f"{path.relative_to(root)}: the text of a hunk is there {text.count(before)} times:\n{before}")
            else:
                text = text.replace(before, after)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        touched.append(path.relative_to(root).as_posix())
    return touched


def run(command, what):
    done = subprocess.run([str(c) for c in command], capture_output=True, text=True)
    if done.returncode != 0:
        raise ValueError(f"{what}:\n{(done.stdout + done.stderr)[:3000]}")


def try_section(title, diffs, root, build, copy):
    shutil.rmtree(copy, ignore_errors=True)
    for folder in ("include", "tests"):
        shutil.copytree(root / folder, copy / folder)
    shutil.copy(root / "meson_options.txt", copy)
    touched = [file for diff in diffs for file in apply(diff, copy)]
    tests = [copy / file for file in touched if re.fullmatch(r"tests/.*\.cpp", file)]
    if not tests:
        raise ValueError("its diffs touch no test")
    options = ["-O0", "-g0", *(["-march=native"] if platform.machine() == "x86_64" else []),
               *(f for f in flags(root, build) if not f.endswith(f"{root}/include"))]
    library = [build / "liboctet-schema.a"]
    if any("support/rule_check.hpp" in test.read_text() for test in tests):  # runs models: the executor is compiled already, if it can be
        tests.append(copy / "tests/rewrite/rules/run_model.cpp")
        if (build / "liboctet-compiled.a").exists():
            options.append("-DOCTET_COMPILED")
            library.insert(0, build / "liboctet-compiled.a")
    libraries = subprocess.run(["pkg-config", "--cflags", "--libs", "protobuf-lite", "zlib"], capture_output=True, text=True, check=True).stdout.split()
    objects = [copy / f"unit{i}.o" for i in range(len(tests))]
    for source, unit in zip(tests, objects):
        run([*compiler(), f"-I{copy}/include", *options, f"-I{copy}/tests", "-c", source, "-o", unit], "does not compile")
    main = build / "tests/libtest-main.a"
    run([*compiler(), *objects, main, *library, *libraries, "-pthread", "-o", copy / "test"], "does not link")
    run([copy / "test"], "its tests fail")
    run([sys.executable, root / "tests/checks/mirrors.py", "--root", copy], "a header without a test")
    run([sys.executable, root / "tests/checks/names.py", "--root", copy], "names are not as agreed")
    shutil.rmtree(copy)


def main():
    root, build, scratch = root_of(sys.argv), pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    page = root / "docs/extending.md"
    if not page.exists():
        sys.exit("docs/extending.md does not exist")
    failed = 0
    for title, diffs in sections(page.read_text()):
        try:
            try_section(title, diffs, root, build, scratch / re.sub(r"\W+", "-", title))
            print(f"{title}: applies, builds, passes", flush=True)
        except ValueError as e:
            failed += 1
            print(f"{title}: {e}", flush=True)
    if not failed and not sections(page.read_text()):
        sys.exit("docs/extending.md has no diffs")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
