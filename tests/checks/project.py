"""What the checks share: where headers are, the order of the folders, source text without comments and strings."""
import os
import pathlib
import re
import subprocess
import sys

# A folder may include those before it, itself, and nothing else.
LAYERS = ["core", "numeric", "policy", "kernels", "graph", "io", "ops", "infer", "rewrite", "exec", "calibrate", "quantize", "debug",
          "report"]
KERNELS_ONLY = LAYERS[:4]
# Headers that need a library which octet itself does not ask for.
OPTIONAL_HEADERS = {"octet/io/onnx_interop.hpp": "onnx/onnx_pb.h"}


def root_of(arguments):
    """The project: the argument after --root, or the folder of this file's grandparent."""
    if "--root" in arguments:
        return pathlib.Path(arguments[arguments.index("--root") + 1])
    return pathlib.Path(__file__).resolve().parents[2]


def headers(root):
    """Every header as it is included: octet/core/shape.hpp, …"""
    return sorted(p.relative_to(root / "include").as_posix() for p in (root / "include/octet").rglob("*.hpp"))


def folder_of(header):
    """core for octet/core/shape.hpp, kernels for octet/kernels/isa/avx2.hpp, '' for an umbrella."""
    parts = header.split("/")
    return parts[1] if len(parts) > 2 else ""


def includes(root, header):
    """What a header includes, in order."""
    return included_by((root / "include" / header).read_text())


def included_by(text):
    """What a text includes, in order, as written between <> or quotes."""
    return re.findall(r'^\s*#\s*include\s*[<"]([^>"]+)[>"]', text, re.MULTILINE)


def without_comments(text):
    """The text with comments, strings and character literals blanked: lines and columns stay."""
    pattern = re.compile(r'//[^\n]*|/\*.*?\*/|R"(\w*)\(.*?\)\1"|"(?:\\.|[^"\\\n])*"|(?<![\w])\'(?:\\.|[^\'\\\n])+\'', re.DOTALL)
    return pattern.sub(lambda m: re.sub(r"[^\n]", " ", m.group()), text)


def compiler():
    """The C++ compiler: CXX, or g++."""
    return os.environ.get("CXX", "g++").split()


def flags(root, build):
    """What octet's headers need to be compiled outside the build system; `build` has the generated schema."""
    own = ["-std=c++20", "-ffp-contract=off", f"-I{root}/include", f"-I{build}/include"]
    if (root / "subprojects/xsimd/include").is_dir():
        own.append(f"-isystem{root}/subprojects/xsimd/include")
    return own


def can_include(header):
    """Whether the compiler finds a header of the system."""
    return subprocess.run([*compiler(), "-fsyntax-only", "-x", "c++", "-"], input=f"#if !__has_include(<{header}>)\n#error\n#endif\n",
                          text=True, capture_output=True).returncode == 0


def finish(name, problems, fine):
    """Prints the problems, or what is fine, and ends with the status to match."""
    for problem in problems:
        print(f"{name}: {problem}")
    if not problems:
        print(f"{name}: {fine}")
    sys.exit(1 if problems else 0)


def write_if_stale(path, text):
    """Writes a generated file; a problem when what was there said something else."""
    if path.exists() and path.read_text() == text:
        return []
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return [f"{path.name} was stale; it has been written anew, commit it"]
