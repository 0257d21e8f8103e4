const WIDTH = 720;
const HEIGHT = 240;
const LEFT = 48;
const BOTTOM = 32;
const TOP = 28;
const COLOURS = ['#1f6feb', '#bf3989', '#8c959f', '#bc4c00', '#1a7f37'];

/** An SVG line chart. Each line is { name, points: [x, y][] }; both axes begin at 0. */
export function plot({ title, xLabel, lines }) {
  const points = lines.flatMap((line) => line.points);
  const right = points.reduce((most, [x]) => Math.max(most, x), 0);
  const top = points.reduce((most, [, y]) => Math.max(most, y), 0) * 1.05;
  const x = (value) => (LEFT + (value / right) * (WIDTH - LEFT - 8)).toFixed(1);
  const y = (value) => (HEIGHT - BOTTOM - (value / top) * (HEIGHT - BOTTOM - TOP)).toFixed(1);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="11">`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/><text x="${LEFT}" y="14" font-weight="bold">${title}</text>`,
    ...ticks(right).map((tick) => `<text x="${x(tick)}" y="${HEIGHT - 16}" text-anchor="middle">${tick}</text>`),
    `<text x="${WIDTH / 2}" y="${HEIGHT - 4}" text-anchor="middle">${xLabel}</text>`,
    ...ticks(top).map(
      (tick) =>
        `<path d="M${LEFT} ${y(tick)}H${WIDTH - 8}" stroke="#eaeef2"/><text x="${LEFT - 6}" y="${y(tick)}" text-anchor="end" dominant-baseline="middle">${tick}</text>`,
    ),
    ...lines.map(({ name, points: own }, index) => {
      const path = own.map(([px, py]) => `${x(px)} ${y(py)}`).join('L');
      const label = `<text x="${WIDTH - 12 - index * 130}" y="14" text-anchor="end" fill="${COLOURS[index]}">${name}</text>`;
      return `<path d="M${path}" fill="none" stroke="${COLOURS[index]}" stroke-width="1.5"/>${label}`;
    }),
    '</svg>\n',
  ].join('\n');
}

/** Four or five round numbers from 0 up to `most`. */
function ticks(most) {
  const rough = most / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((candidate) => candidate >= rough) ?? rough;
  return Array.from({ length: Math.floor(most / step) + 1 }, (_, index) => Number((index * step).toPrecision(3)));
}
