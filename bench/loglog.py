# SPDX-License-Identifier: Apache-2.0
# A picture with logarithmic axes as SVG: points, lines, numbered labels with a key beside them. And the slope of points in it.
import math
from xml.sax.saxutils import escape

WIDTH, HEIGHT = 860, 460
LEFT, TOP, RIGHT, BOTTOM = 80, 40, 300, 50  # Margins; the key stands in the right one.
COLOURS = ["#0069a8", "#c96f00", "#00805c", "#b0578d", "#5b4bb5", "#8a6d00", "#2b97b5", "#5c6675"]  # As in the window.


def slope(points):
    """The exponent b of y = a x^b, by least squares of the logarithms."""
    logs = [(math.log(x), math.log(y)) for x, y in points]
    mean_x = sum(x for x, _ in logs) / len(logs)
    mean_y = sum(y for _, y in logs) / len(logs)
    return sum((x - mean_x) * (y - mean_y) for x, y in logs) / sum((x - mean_x) ** 2 for x, _ in logs)


def short(value):
    """1e-3 as "0.001", 2e9 as "2 G"."""
    for factor, sign in ((1e12, " T"), (1e9, " G"), (1e6, " M"), (1e3, " k")):
        if value >= factor:
            return f"{value / factor:g}{sign}"
    return f"{value:g}"


def decades(low, high):
    """The whole decades that hold both, at least one."""
    first = math.floor(math.log10(low))
    return first, max(math.ceil(math.log10(high)), first + 1)


class Picture:
    def __init__(self, title, x_name, y_name, x_range, y_range):
        self.title, self.x_name, self.y_name = title, x_name, y_name
        self.x_from, self.x_to = decades(*x_range)
        self.y_from, self.y_to = decades(*y_range)
        self.parts, self.key = [], []

    def place(self, x, y):
        part_x = (math.log10(x) - self.x_from) / (self.x_to - self.x_from)
        part_y = (math.log10(y) - self.y_from) / (self.y_to - self.y_from)
        return LEFT + part_x * (WIDTH - LEFT - RIGHT), HEIGHT - BOTTOM - part_y * (HEIGHT - TOP - BOTTOM)

    def line(self, points, colour, name=None, dashed=False):
        path = " ".join("{:.1f},{:.1f}".format(*self.place(*point)) for point in points)
        dashes = ' stroke-dasharray="5 4"' if dashed else ""
        self.parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="1.5"{dashes}/>')
        if name:
            self.key.append((colour, "—", name))

    def points(self, points, colour, name=None):
        for x, y in points:
            self.parts.append('<circle cx="{:.1f}" cy="{:.1f}" r="4" fill="{}"/>'.format(*self.place(x, y), colour))
        if name:
            self.key.append((colour, "●", name))

    def numbered(self, x, y, colour, name):
        """A point with the number of its line in the key."""
        number = str(1 + len(self.key))
        across, down = self.place(x, y)
        self.parts.append(f'<circle cx="{across:.1f}" cy="{down:.1f}" r="8" fill="{colour}"/>'
                          f'<text x="{across:.1f}" y="{down + 3.5:.1f}" fill="#fff" font-size="10" text-anchor="middle">{number}</text>')
        self.key.append((colour, number, name))

    def axes(self):
        for decade in range(self.x_from, self.x_to + 1):
            x, bottom = self.place(10.0 ** decade, 10.0 ** self.y_from)
            yield f'<line x1="{x:.1f}" y1="{TOP}" x2="{x:.1f}" y2="{bottom:.1f}" stroke="#d5d9e0"/>'
            yield f'<text x="{x:.1f}" y="{bottom + 16:.1f}" text-anchor="middle">{short(10.0 ** decade)}</text>'
        for decade in range(self.y_from, self.y_to + 1):
            left, y = self.place(10.0 ** self.x_from, 10.0 ** decade)
            yield f'<line x1="{left:.1f}" y1="{y:.1f}" x2="{WIDTH - RIGHT}" y2="{y:.1f}" stroke="#d5d9e0"/>'
            yield f'<text x="{left - 6:.1f}" y="{y + 4:.1f}" text-anchor="end">{short(10.0 ** decade)}</text>'
        middle = (LEFT + WIDTH - RIGHT) / 2
        yield f'<text x="{middle}" y="{HEIGHT - 10}" text-anchor="middle">{escape(self.x_name)}</text>'
        yield (f'<text transform="translate(18 {(TOP + HEIGHT - BOTTOM) / 2}) rotate(-90)" text-anchor="middle">'
               f'{escape(self.y_name)}</text>')
        yield f'<text x="{LEFT}" y="22" font-size="14" font-weight="bold">{escape(self.title)}</text>'

    def key_lines(self):
        for number, (colour, sign, name) in enumerate(self.key):
            y = TOP + 10 + 16 * number
            yield f'<text x="{WIDTH - RIGHT + 26}" y="{y}" fill="{colour}" font-weight="bold" text-anchor="end">{sign}</text>'
            yield f'<text x="{WIDTH - RIGHT + 34}" y="{y}">{escape(name)}</text>'

    def write(self, file):
        height = max(HEIGHT, TOP + 20 + 16 * len(self.key))
        letters = max((len(name) for _, _, name in self.key), default=0)
        width = max(WIDTH, round(WIDTH - RIGHT + 50 + 6.4 * letters))  # An estimate of the font's width.
        body = "\n".join([*self.axes(), *self.parts, *self.key_lines()])
        file.write_text(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" '
                        f'font-size="11" fill="#1c2330">\n<rect width="{width}" height="{height}" fill="#fff"/>\n{body}\n</svg>\n')
