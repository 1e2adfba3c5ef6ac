#!/usr/bin/env python3
"""Folders depend one way: fails on a back edge, a cycle of headers, protobuf outside io/, a header that costs too much; draws docs/map.svg."""
import math
import sys

from project import KERNELS_ONLY, LAYERS, finish, folder_of, headers, includes, root_of, write_if_stale

BANNED = {"regex", "iostream", "ranges"}


def edges(root):
    """(header, included header) for every include of octet's own."""
    return [(h, i) for h in headers(root) for i in includes(root, h) if i.startswith("octet/")]


def back_edges(pairs):
    problems = []
    for header, included in pairs:
        upper, lower = folder_of(header), folder_of(included)
        if not upper:
            continue  # an umbrella includes what it wants
        if upper not in LAYERS:
            continue  # said once for the folder
        if not lower and included != "octet/version.hpp":
            problems.append(f"{header} includes the umbrella {included}")
        elif lower in LAYERS and LAYERS.index(lower) > LAYERS.index(upper):
            problems.append(f"back edge: {header} includes {included}")
    return problems


def cycle(pairs):
    """A cycle among headers, as a list of them, or nothing."""
    graph = {}
    for header, included in pairs:
        graph.setdefault(header, []).append(included)
    done = set()

    def walk(header, path):
        if header in path:
            return path[path.index(header):] + [header]
        if header in done:
            return []
        for included in graph.get(header, []):
            if found := walk(included, path + [header]):
                return found
        done.add(header)
        return []

    for start in sorted(graph):
        if found := walk(start, []):
            return found
    return []


def costly(root):
    problems = []
    for header in headers(root):
        for included in includes(root, header):
            if included in BANNED:
                problems.append(f"{header} includes <{included}>, which every user would pay for")
            if (included.startswith("google/protobuf") or included.endswith(".pb.h")) and folder_of(header) != "io":
                problems.append(f"{header} includes {included}: only io/ sees protobuf")
            if included == "filesystem" and folder_of(header) in KERNELS_ONLY:
                problems.append(f"{header} includes <filesystem>: the kernels do without")
    return problems


def drawing(pairs):
    """The folders as boxes from bottom to top; arcs are the dependencies that are allowed (grey) and that exist (blue)."""
    actual = {(folder_of(a), folder_of(b)) for a, b in pairs if folder_of(a) and folder_of(b) and folder_of(a) != folder_of(b)}
    step, width, left = 44, 110, 20
    height = step * len(LAYERS) + 60
    right = left + width
    y = {name: height - 40 - step * (i + 1) for i, name in enumerate(LAYERS)}
    lines = [f'<svg xmlns="http://www.w3.org/2000/svg" width="640" height="{height}" font-family="sans-serif" font-size="14">',
             '<rect width="100%" height="100%" fill="white"/>',
             f'<text x="{left}" y="24">include/octet: a folder includes only folders below it. '
             'Blue: does; grey: may.</text>']

    def arc(upper, lower, color, thick):
        top, bottom = y[upper] + 10, y[lower] + 20
        reach = right + 12 * math.sqrt(bottom - top)
        lines.append(f'<path d="M{right},{top} C{reach:.0f},{top} {reach:.0f},{bottom} {right},{bottom}" fill="none" '
                     f'stroke="{color}" stroke-width="{thick}"><title>{upper} → {lower}</title></path>')

    every = [(u, l) for i, u in enumerate(LAYERS) for l in LAYERS[:i]]
    for upper, lower in every:
        if (upper, lower) not in actual:
            arc(upper, lower, "#dddddd", 1)
    for upper, lower in every:
        if (upper, lower) in actual:
            arc(upper, lower, "#2b6cb0", 1.5)
    for upper, lower in sorted(actual - set(every)):
        arc(upper, lower, "#c53030", 3)
    for name in LAYERS:
        fill = "#e6f4ea" if name in KERNELS_ONLY else "#eef2ff"
        lines.append(f'<rect x="{left}" y="{y[name]}" width="{width}" height="30" rx="5" fill="{fill}" stroke="#444444"/>')
        lines.append(f'<text x="{left + width // 2}" y="{y[name] + 20}" text-anchor="middle">{name}</text>')
    return "\n".join(lines + ["</svg>", ""])


def main():
    root = root_of(sys.argv)
    pairs = edges(root)
    strange = sorted({folder_of(h) for h in headers(root)} - set(LAYERS) - {""})
    problems = [f"the folder {folder} has no place in the order" for folder in strange] + back_edges(pairs) + costly(root)
    if found := cycle(pairs):
        problems.append("headers include one another: " + " → ".join(found))
    known = set(headers(root)) | {"octet/io/onnx.pb.h"}
    problems += [f"{a} includes {b}, which does not exist" for a, b in pairs if b not in known]
    problems += write_if_stale(root / "docs/map.svg", drawing(pairs)) if "--no-map" not in sys.argv else []
    finish("layers", problems, f"{len(pairs)} includes, all downwards; docs/map.svg is up to date")


if __name__ == "__main__":
    main()
