#!/usr/bin/env python3
"""Sizes stay readable: prints median, p90 and longest; fails on a header over 400 lines, a function over 60, a line over 120 columns."""
import re
import sys

from project import finish, root_of, without_comments

HEADER, FUNCTION, COLUMNS = 400, 60, 120
FOLDERS = ["include", "compiled", "dispatch", "examples", "tests", "benchmarks"]


def head_kind(head):
    """What a `{` opens, from the text before it: 'scope' (namespace, class), 'function' or 'other' (an initializer, an enum)."""
    text = re.sub(r"\balignas\s*\([^)]*\)", " ", head)
    while re.match(r"\s*template\s*<", text):  # its own brackets may hold anything
        depth, i = 0, text.index("<")
        for i in range(i, len(text)):
            depth += {"<": 1, ">": -1}.get(text[i], 0)
            if depth == 0:
                break
        text = text[i + 1:]
    if re.match(r'\s*(inline\s+)?namespace\b|\s*extern\s+(?=\{|$)', text):
        return "scope"
    if re.match(r"\s*(requires\b.*)?\s*(typedef\s+)?(class|struct|union)\b", text, re.DOTALL):
        return "scope" if "(" not in text.split(":")[0] else "function"
    if re.match(r"\s*enum\b", text):
        return "other"
    return "function" if "(" in text else "other"


def functions(text):
    """(first line, number of lines, name) of each function and namespace-level lambda; lambdas inside count with their function."""
    code = re.sub(r"^[ \t]*#(?:[^\n\\]|\\.|\\\n)*", lambda m: re.sub(r"[^\n]", " ", m.group()), without_comments(text), flags=re.MULTILINE)
    found, stack, start, parens = [], [], 0, 0
    for i, c in enumerate(code):
        inside = any(kind == "function" for kind, _, _ in stack)
        if c == "(":
            parens += 1
        elif c == ")":
            parens -= 1
        elif c == "{":
            head = code[start:i]
            member = re.search(r"\)[^()]*:[^:].*\w\s*$|\)\s*:\s*\w+$", head, re.DOTALL) and re.search(r"[:,]\s*[\w:<>]+\s*$", head)
            kind = "other" if inside else "member" if member else head_kind(head)
            first = start + len(head) - len(head.lstrip())
            stack.append((kind, first, head))
            if not inside and kind != "member":
                start = i + 1
        elif c == "}" and stack:
            kind, first, head = stack.pop()
            if kind == "function":
                names = re.findall(r"([\w~]+|operator\s*\S+?)\s*\(", head)
                line = code.count("\n", 0, first) + 1
                found.append((line, code.count("\n", first, i) + 1, names[0] if names else "?"))
            if kind != "member" and not any(k == "function" for k, _, _ in stack):
                start = i + 1
        elif c == ";" and not inside and parens <= 0:
            start = i + 1
        elif c == ":" and not inside and re.search(r"\b(public|private|protected)\s*$", code[start:i]):
            start = i + 1
    return found


def measure(values):
    ordered = sorted(values)
    at = lambda share: ordered[min(len(ordered) - 1, int(share * len(ordered)))]
    return (at(0.5), at(0.9), ordered[-1]) if ordered else (0, 0, 0)


def main():
    root = root_of(sys.argv)
    problems, header_lines, function_lines, widest = [], [], [], []
    for folder in FOLDERS:
        for path in sorted((root / folder).rglob("*.[hc]pp")):
            name, text = path.relative_to(root).as_posix(), path.read_text()
            lines = text.splitlines()
            widest += [max((len(line) for line in lines), default=0)]
            problems += [f"{name}:{n}: {len(line)} columns (at most {COLUMNS})" for n, line in enumerate(lines, 1) if len(line) > COLUMNS]
            if folder == "include":
                header_lines.append(len(lines))
                if len(lines) > HEADER:
                    problems.append(f"{name}: {len(lines)} lines (at most {HEADER}): split it by idea")
            if folder in ("include", "compiled", "dispatch", "examples"):
                for line, length, function in functions(text):
                    function_lines.append(length)
                    if length > FUNCTION:
                        problems.append(f"{name}:{line}: {function} has {length} lines (at most {FUNCTION})")
    print(f"{'sizes':12}{'count':>8}{'median':>8}{'p90':>8}{'longest':>8}{'limit':>8}")
    for what, values, limit in (("headers", header_lines, HEADER), ("functions", function_lines, FUNCTION), ("widest line", widest, COLUMNS)):
        median, p90, longest = measure(values)
        print(f"{what:12}{len(values):8}{median:8}{p90:8}{longest:8}{limit:8}")
    finish("sizes", problems, "none above its limit")


if __name__ == "__main__":
    main()
