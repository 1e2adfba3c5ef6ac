#!/usr/bin/env python3
"""The HTML report in a browser, at the width of a desk and of a phone: its charts are there and have a size, nothing is wider than the
page, no script fails, nothing is fetched. Skipped where there is no headless Chromium."""
import html
import json
import os
import pathlib
import re
import shutil
import subprocess

from _octet import CALIB, MODEL, SCRATCH, fresh, ok

NAMES = "chromium-headless-shell", "chromium", "chromium-browser", "google-chrome"
WIDTHS = {"desktop": 1280, "phone": 390}
# Runs in the page: what it looks like, as an attribute, with all details closed and then open.
PROBE = """<script>
window.problems = [];
addEventListener('error', e => problems.push(String(e.message || e.target.src || e.target.href)), true);
addEventListener('securitypolicyviolation', e => problems.push(e.violatedDirective));
addEventListener('load', () => {
  const root = document.documentElement, scrolls = e => { for (; e; e = e.parentElement)
    if (['auto', 'scroll', 'hidden'].includes(getComputedStyle(e).overflowX)) return true; return false; };
  const look = () => ({
    width: innerWidth, wide: root.scrollWidth,
    beyond: [...document.body.querySelectorAll('*')].filter(e => e.getBoundingClientRect().right > innerWidth + 1 && !scrolls(e))
      .map(e => e.tagName + ' ' + e.textContent.slice(0, 40)),
    charts: [...document.querySelectorAll('.charts svg')].filter(e => e.checkVisibility()).map(e => {
      const s = e.getBoundingClientRect(), p = e.querySelector('path').getBoundingClientRect(), r = e.querySelector('rect').getBoundingClientRect();
      return [s.width, s.height, p.width, p.height, r.width, r.height]; }),
    strip: [...document.querySelectorAll('.strip i')].map(e => [e.getBoundingClientRect().width, getComputedStyle(e).backgroundColor]),
    bars: [...document.querySelectorAll('.bar i')].map(e => e.getBoundingClientRect().width),
  });
  const closed = look();
  document.querySelectorAll('details').forEach(e => e.open = true);
  root.dataset.seen = JSON.stringify({closed, open: look(), problems});
});
</script>"""


def browser():
    for name in NAMES:
        if path := shutil.which(name):
            return path
    print("SKIPPED: there is no headless Chromium here (Debian's chromium-headless-shell)")
    raise SystemExit(77)


def see(program, page, width):
    """What the probe saw of a page in a window that wide."""
    file = SCRATCH / f"page.{width}.html"
    assert page.count("<head>") == 1
    file.write_text(page.replace("<head>", "<head>" + PROBE))
    line = [program, "--headless", "--no-sandbox", "--disable-gpu", f"--window-size={width},900", f"--user-data-dir={SCRATCH / 'profile'}",
            "--hide-scrollbars", "--virtual-time-budget=5000", "--dump-dom", file.as_uri()]
    done = subprocess.run(line, capture_output=True, text=True, timeout=120, env={**os.environ, "HOME": str(SCRATCH)})
    found = re.search(r'data-seen="([^"]*)"', done.stdout)
    assert found, f"the page was not opened: exit {done.returncode}\n{done.stderr[-2000:]}"
    seen = json.loads(html.unescape(found.group(1)))
    assert seen["closed"]["width"] == width, f"the window is {seen['closed']['width']} wide, not {width}"
    seen["fetched"] = re.findall(r"\b(?:src|href)\s*=\s*\S+|url\(\S*|@import\b", page)
    return seen


def faults(seen, nodes):
    """What is wrong with a page that shows a model of so many nodes."""
    all = [f"error: {p}" for p in seen["problems"]] + [f"fetched: {f}" for f in seen["fetched"]]
    for state in "closed", "open":
        s = seen[state]
        if s["wide"] > s["width"]:
            all.append(f"{state}: {s['wide']} wide in {s['width']}")
        all += [f"{state}: beyond the edge: {b}" for b in s["beyond"]]
        if len(s["charts"]) < (12 if state == "closed" else 20):
            all.append(f"{state}: only {len(s['charts'])} charts")
        all += [f"{state}: a chart without a size: {c}" for c in s["charts"] if min(c[:2]) < 40 or min(c[2:]) <= 0]
        if len(s["strip"]) != nodes or any(w < 5 for w, _ in s["strip"]) or len({c for _, c in s["strip"]}) < 3:
            all.append(f"{state}: the strip has {len(s['strip'])} blocks for {nodes} nodes, {len({c for _, c in s['strip']})} colours")
        if len(s["bars"]) < 5 or min(s["bars"]) <= 0:
            all.append(f"{state}: bars {s['bars']}")
    return all


fresh()
program = browser()
done = ok("quantize", "static", MODEL, "-o", "q.onnx", "--data", CALIB, "--method", "entropy", "--exclude-node", "/f/f.0/Conv", "--report",
          "report.html", "--json")
page = pathlib.Path("report.html").read_text()
nodes = page.count("<i title=")
assert nodes > 50
for name, width in WIDTHS.items():
    found = faults(see(program, page, width), nodes)
    assert not found, f"{name}: " + "\n".join(found)
    print(f"{name}, {width} wide: {nodes} blocks and the charts are there")

# and what is wrong is found
for what, damage in {
        "wide in": page.replace("<h2>Operators</h2>", "<div style='width:2000px'>x</div><h2>Operators</h2>"),
        "error": page.replace("</body>", "<script>none();</script></body>"),
        "fetched": page.replace("</body>", "<img src='none.png'></body>"),
        "without a size": page.replace("height: 4.5rem", "height: 0"),
        "charts": page.replace('class="charts"', 'class="charts" hidden style="display:none"'),
        "blocks": page.replace("<i title=", "<b title="),
}.items():
    assert damage != page, what
    found = faults(see(program, damage, WIDTHS["phone"]), nodes)
    assert any(what in f for f in found), f"{what}: {found}"
