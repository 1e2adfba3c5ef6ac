#!/usr/bin/env python3
"""Folders depend one way: fails on a back edge, a cycle of headers, protobuf outside io/, a header that costs too much; draws docs/map.svg."""
import sys

from project import KERNELS_ONLY, LAYERS, finish, folder_of, headers, included_by, includes, root_of, write_if_stale

BANNED = {"regex", "iostream", "ranges"}


def declared_edges(root):
    """The same without what a header includes only where there is no compiled form: bodies behind their declarations, which
    include the header again (docs/decisions/compiled-form.md)."""
    behind = {(h, i) for h in headers(root)
              for i in included_by((root / "include" / h).read_text().partition("#if OCTET_HEADER_ONLY")[2])}
    return [e for e in edges(root) if e not in behind]


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
    """The folders as boxes on a diagonal; right of an upper one and above a lower one a dot: full where it includes it, hollow where it may."""
    actual = {(folder_of(a), folder_of(b)) for a, b in pairs if folder_of(a) and folder_of(b)}
    order = LAYERS[::-1]
    across, down, wide, high, top = 66, 40, 84, 28, 70
    x = {name: 60 + across * i for i, name in enumerate(order)}
    y = {name: top + down * i for i, name in enumerate(order)}
    size = (x["core"] + wide, y["core"] + down)
    grey, blue = "#cccccc", "#2b6cb0"
    lines = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{size[0]}" height="{size[1]}" font-family="sans-serif" font-size="14">',
             '<rect width="100%" height="100%" fill="white"/>',
             '<text x="20" y="24">include/octet: a folder includes only folders below it.</text>',
             f'<text x="20" y="44"><tspan fill="{blue}">● includes</tspan> &#160; <tspan fill="#888888">○ may include</tspan>'
             ' &#160; green: all that kernels.hpp needs</text>']
    for i, upper in enumerate(order):
        for lower in order[i + 1:]:
            if (upper, lower) in actual:  # from the upper box to the right, then down to the lower one
                lines.append(f'<path d="M{x[upper]},{y[upper]} H{x[lower]} V{y[lower]}" fill="none" stroke="{blue}" stroke-opacity="0.25"/>')
    for i, upper in enumerate(order):
        for lower in order[i + 1:]:
            does = (upper, lower) in actual
            lines.append(f'<circle cx="{x[lower]}" cy="{y[upper]}" r="{5 if does else 3}" fill="{blue if does else "white"}" '
                         f'stroke="{blue if does else grey}"><title>{upper} → {lower}</title></circle>')
    for name in order:
        fill = "#e6f4ea" if name in KERNELS_ONLY else "#eef2ff"
        lines.append(f'<rect x="{x[name] - wide // 2}" y="{y[name] - high // 2}" width="{wide}" height="{high}" rx="5" fill="{fill}" '
                     'stroke="#444444"/>')
        lines.append(f'<text x="{x[name]}" y="{y[name] + 5}" text-anchor="middle">{name}</text>')
    return "\n".join(lines + ["</svg>", ""])


def main():
    root = root_of(sys.argv)
    pairs = edges(root)
    strange = sorted({folder_of(h) for h in headers(root)} - set(LAYERS) - {""})
    problems = [f"the folder {folder} has no place in the order" for folder in strange] + back_edges(pairs) + costly(root)
    if found := cycle(declared_edges(root)):
        problems.append("headers include one another: " + " → ".join(found))
    known = set(headers(root)) | {"octet/io/onnx.pb.h"}
    problems += [f"{a} includes {b}, which does not exist" for a, b in pairs if b not in known]
    problems += write_if_stale(root / "docs/map.svg", drawing(pairs)) if "--no-map" not in sys.argv else []
    finish("layers", problems, f"{len(pairs)} includes, all downwards; docs/map.svg is up to date")


if __name__ == "__main__":
    main()
