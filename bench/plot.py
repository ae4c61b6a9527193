"""Speedup over ranks as SVG, in the style of `gigadream log`."""
import math

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 640, 480, 60, 620, 20, 430
COLORS = ("#4477aa", "#ee6677", "#228833")


class Axes:
    """Logarithmic, from the least number of ranks to the most, and of speedups to a power of two below and above."""
    def __init__(self, rows):
        self.ranks = sorted({row["ranks"] for row in rows})
        speedups = [row["speedup"] for row in rows] + self.ranks
        self.low, self.high = math.floor(math.log2(min(speedups))), math.ceil(math.log2(max(speedups)))
        self.high = max(self.high, self.low + 1)

    def x(self, ranks):
        first, last = (math.log2(count) for count in (self.ranks[0], self.ranks[-1]))
        return LEFT + 30 + (RIGHT - LEFT - 60) * (math.log2(ranks) - first) / (last - first or 1)

    def y(self, speedup):
        return BOTTOM - (BOTTOM - TOP) * (math.log2(speedup) - self.low) / (self.high - self.low)


def text(x, y, words, anchor="middle"):
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{words}</text>'


def line(x0, y0, x1, y1):
    return f'<line x1="{x0:.1f}" y1="{y0:.1f}" x2="{x1:.1f}" y2="{y1:.1f}" stroke="#ddd"/>'


def curve(axes, points, color, more=""):
    places = " ".join(f"{axes.x(ranks):.1f},{axes.y(speedup):.1f}" for ranks, speedup in points)
    return f'<polyline fill="none" stroke="{color}" stroke-width="1.5"{more} points="{places}"/>'


def grid(axes):
    parts = []
    for ranks in axes.ranks:
        parts += [line(axes.x(ranks), TOP, axes.x(ranks), BOTTOM), text(axes.x(ranks), BOTTOM + 18, ranks)]
    for power in range(axes.low, axes.high + 1):
        y = axes.y(2.0 ** power)
        parts += [line(LEFT, y, RIGHT, y), text(LEFT - 8, y + 4, f"{2.0 ** power:g}", "end")]
    return [*parts, text((LEFT + RIGHT) / 2, HEIGHT - 12, "ranks"),
            f'<text transform="translate(16,{(TOP + BOTTOM) / 2}) rotate(-90)" text-anchor="middle">speedup</text>']


def svg(rows):
    """The picture of rows with `kind`, `ranks` and `speedup`."""
    axes = Axes(rows)
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" '
             'font-family="sans-serif" font-size="12">', f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>']
    parts += [*grid(axes), curve(axes, [(ranks, ranks) for ranks in axes.ranks], "#999", ' stroke-dasharray="6 4"'),
              text(LEFT + 44, TOP + 18, "- - ideal", "start")]
    for i, kind in enumerate(dict.fromkeys(row["kind"] for row in rows)):
        points = [(row["ranks"], row["speedup"]) for row in rows if row["kind"] == kind]
        parts.append(curve(axes, points, COLORS[i]))
        parts += [f'<circle cx="{axes.x(ranks):.1f}" cy="{axes.y(speedup):.1f}" r="4" fill="{COLORS[i]}"/>'
                  for ranks, speedup in points]
        y = TOP + 36 + 18 * i
        parts += [f'<circle cx="{LEFT + 50}" cy="{y - 4}" r="4" fill="{COLORS[i]}"/>', text(LEFT + 62, y, kind, "start")]
    return "\n".join([*parts, "</svg>\n"])
