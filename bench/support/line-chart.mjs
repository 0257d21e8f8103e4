import { drawing, escaped, label, WIDTH } from './svg.mjs';

const [LEFT, RIGHT, TOP, BOTTOM] = [60, WIDTH - 20, 70, 330];
const HEIGHT = BOTTOM + 45;
const GRID_LINES = 6;

/** Multiples of 1, 2 or 5 times a power of ten, from 0 to at most `most`. */
function gridValues(most) {
  const power = 10 ** Math.floor(Math.log10(most / GRID_LINES));
  const step = power * [1, 2, 5, 10].find((factor) => most / (power * factor) <= GRID_LINES);
  return Array.from({ length: Math.floor(most / step) + 1 }, (_, index) => Number((index * step).toPrecision(12)));
}

function scalesOf(lines) {
  const points = lines.flatMap((line) => line.points);
  const mostX = Math.max(1, ...points.map(([x]) => x));
  const mostY = Math.max(1, ...points.map(([, y]) => y)) * 1.15;
  return {
    x: (value) => LEFT + (value / mostX) * (RIGHT - LEFT),
    y: (value) => BOTTOM - (value / mostY) * (BOTTOM - TOP),
    columns: gridValues(mostX),
    rows: gridValues(mostY),
  };
}

function grid({ x, y, columns, rows }) {
  return [
    ...rows.map((value) => `<path class="grid" d="M${LEFT} ${y(value).toFixed(1)}H${RIGHT}"/>`),
    ...rows.map((value) => label(LEFT - 8, y(value) + 4, value, 'end faint')),
    ...columns.map((value) => label(x(value), BOTTOM + 18, value, 'middle faint')),
  ];
}

function legend(yLabel, lines) {
  const entries = lines.map((line, index) => `<tspan dx="14" class="fill${index}">━ ${escaped(line.label)}</tspan>`);
  return `<text x="20" y="52"><tspan class="faint">${escaped(yLabel)}:</tspan>${entries.join('')}</text>`;
}

/**
 * Up to three lines over axes from 0: `lines` are `{ label, points: [x, y][] }`, dashed with `isDashed`; `marks`, `{ x, label }`,
 * are upright lines.
 */
export function lineChart({ title, xLabel, yLabel, lines, marks = [] }) {
  const scales = scalesOf(lines);
  const markAt = (mark) => `<path class="mark" d="M${scales.x(mark.x).toFixed(1)} ${TOP}V${BOTTOM}"/>`;
  const draw = ({ points, isDashed }, index) => {
    const path = points.map(([x, y]) => `${scales.x(x).toFixed(1)},${scales.y(y).toFixed(1)}`).join(' ');
    return `<polyline class="line stroke${index}${isDashed ? ' dashed' : ''}" points="${path}"/>`;
  };
  return drawing(HEIGHT, title, [
    ...grid(scales),
    label(RIGHT, BOTTOM + 36, xLabel, 'end faint'),
    ...marks.map(markAt),
    ...marks.map((mark) => label(scales.x(mark.x) + 5, TOP + 12, mark.label, 'faint')),
    ...lines.map(draw),
    legend(yLabel, lines),
  ]);
}
