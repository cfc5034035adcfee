# SPDX-License-Identifier: BSD-3-Clause
"""How do measured ratios look beside their goals? A bar chart as SVG."""
import math
from xml.sax.saxutils import escape

ROW, LEFT, WIDTH, TOP = 26, 440, 420, 48
GOOD, BAD = "#2a7f4f", "#b5542f"


def bars(rows):
    """rows: [(words, ratio, goal)]; a bar a row, a mark at its goal, 1 is the yardstick."""
    most = max([1.1] + [1.1 * max(value, goal) for _, value, goal in rows])
    step = 10 ** math.floor(math.log10(most))
    step = next(s for s in (step / 5, step / 2, step, 2 * step) if most / s <= 10)
    scale = WIDTH / most
    height = TOP + ROW * len(rows) + 34
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{LEFT + WIDTH + 80}" '
           f'height="{height}" font-family="sans-serif" font-size="12">',
           '<rect width="100%" height="100%" fill="white"/>',
           f'<text x="{LEFT}" y="20" font-size="14">wall time of ndrscan, yardstick = 1 '
           '(line: goal)</text>']
    bottom = TOP + ROW * len(rows)
    for i in range(int(most / step) + 1):
        x = LEFT + i * step * scale
        out.append(f'<line x1="{x:.1f}" y1="{TOP - 6}" x2="{x:.1f}" y2="{bottom}" '
                   f'stroke="{"#888" if abs(i * step - 1) < 1e-9 else "#ddd"}"/>')
        out.append(f'<text x="{x:.1f}" y="{bottom + 16}" text-anchor="middle">'
                   f'{i * step:g}</text>')
    for i, (words, value, goal) in enumerate(rows):
        y = TOP + ROW * i
        mark = LEFT + goal * scale
        out.append(f'<text x="{LEFT - 8}" y="{y + 15}" text-anchor="end">{escape(words)}</text>')
        out.append(f'<rect x="{LEFT}" y="{y + 3}" width="{value * scale:.1f}" height="{ROW - 9}" '
                   f'fill="{GOOD if value <= goal else BAD}"/>')
        out.append(f'<line x1="{mark:.1f}" y1="{y}" x2="{mark:.1f}" y2="{y + ROW - 3}" '
                   'stroke="black" stroke-width="2"/>')
        out.append(f'<text x="{LEFT + max(value, goal) * scale + 6:.1f}" y="{y + 15}">'
                   f'{value:.2f}</text>')
    return "\n".join(out + ["</svg>", ""])
