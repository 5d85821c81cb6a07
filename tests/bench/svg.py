# SPDX-License-Identifier: Apache-2.0
"""Line charts as SVG: measured points, joined, on linear or logarithmic axes."""

import html
import math

COLOURS = ["#0b62a4", "#c0392b", "#2e8b57", "#8e44ad", "#b8860b", "#444444"]
WIDTH, HEIGHT = 560, 360
LEFT, RIGHT, TOP, BOTTOM = 72, 150, 44, 52


class Axis:
    def __init__(self, values, logarithmic, start, end):
        self.logarithmic = logarithmic
        low, high = min(values), max(values)
        if logarithmic:
            low, high = 10 ** math.floor(math.log10(low)), 10 ** math.ceil(math.log10(high) - 1e-9)
        else:
            low, high = 0, high * 1.1 or 1
        # Half a daemon is no place to mark.
        self.whole = all(float(value).is_integer() for value in values)
        self.low, self.high = low, high if high > low else low * 10
        self.start, self.end = start, end

    def at(self, value):
        if self.logarithmic:
            part = (math.log10(value) - math.log10(self.low)) / (math.log10(self.high) - math.log10(self.low))
        else:
            part = (value - self.low) / (self.high - self.low)
        return self.start + part * (self.end - self.start)

    def ticks(self):
        if self.logarithmic:
            power = round(math.log10(self.low))
            return [10 ** p for p in range(power, round(math.log10(self.high)) + 1)]
        step = 10 ** math.floor(math.log10(self.high / 4))
        step *= next(factor for factor in (1, 2, 5, 10) if self.high / (step * factor) <= 6)
        step = max(step, 1) if self.whole else step
        return [step * i for i in range(int(self.high / step) + 1)]


def number(value):
    for size, letter in ((1e6, "M"), (1e3, "k")):
        if abs(value) >= size:
            return f"{value / size:g}{letter}"
    return f"{value:g}"


def chart(title, x_title, y_title, lines, x_log=True, y_log=False):
    """One chart, as the content of an SVG. lines are (name, [(x, y), …])."""
    lines = [(name, [point for point in points if point[1] is not None]) for name, points in lines]
    lines = [line for line in lines if line[1]]
    if not lines:
        return ""
    x = Axis([p[0] for _, points in lines for p in points], x_log, LEFT, WIDTH - RIGHT)
    y = Axis([p[1] for _, points in lines for p in points], y_log, HEIGHT - BOTTOM, TOP)
    out = [f'<text x="{LEFT}" y="24" font-size="15" font-weight="bold">{html.escape(title)}</text>']
    for tick in x.ticks():
        at = x.at(tick)
        out.append(f'<line x1="{at:.1f}" x2="{at:.1f}" y1="{TOP}" y2="{HEIGHT - BOTTOM}" stroke="#ddd"/>'
                   f'<text x="{at:.1f}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle">{number(tick)}</text>')
    for tick in y.ticks():
        at = y.at(tick)
        out.append(f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{at:.1f}" y2="{at:.1f}" stroke="#ddd"/>'
                   f'<text x="{LEFT - 8}" y="{at + 4:.1f}" text-anchor="end">{number(tick)}</text>')
    out.append(f'<text x="{(LEFT + WIDTH - RIGHT) / 2}" y="{HEIGHT - 12}" text-anchor="middle">{html.escape(x_title)}</text>'
               f'<text x="16" y="{(TOP + HEIGHT - BOTTOM) / 2}" text-anchor="middle" '
               f'transform="rotate(-90 16 {(TOP + HEIGHT - BOTTOM) / 2})">{html.escape(y_title)}</text>')
    for i, (name, points) in enumerate(lines):
        colour = COLOURS[i % len(COLOURS)]
        path = " ".join(f"{x.at(a):.1f},{y.at(b):.1f}" for a, b in points)
        out.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        if len(points) <= 40:
            out += [f'<circle cx="{x.at(a):.1f}" cy="{y.at(b):.1f}" r="3" fill="{colour}"/>' for a, b in points]
        at = TOP + 10 + 18 * i
        out.append(f'<line x1="{WIDTH - RIGHT + 12}" x2="{WIDTH - RIGHT + 30}" y1="{at}" y2="{at}" stroke="{colour}" stroke-width="2"/>'
                   f'<text x="{WIDTH - RIGHT + 36}" y="{at + 4}">{html.escape(name)}</text>')
    return "\n".join(out)


def write(path, charts, columns=2):
    """Charts beside and below one another, in one file."""
    charts = [content for content in charts if content]
    rows = (len(charts) + columns - 1) // columns
    columns = min(columns, len(charts)) or 1
    parts = [f'<g transform="translate({i % columns * WIDTH} {i // columns * HEIGHT})">\n{content}\n</g>' for i, content in enumerate(charts)]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f'<svg xmlns="http://www.w3.org/2000/svg" width="{columns * WIDTH}" height="{rows * HEIGHT}" '
                    f'font-family="sans-serif" font-size="12" fill="#222">\n<rect width="100%" height="100%" fill="white"/>\n' + "\n".join(parts) + "\n</svg>\n")
