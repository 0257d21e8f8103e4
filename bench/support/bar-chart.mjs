import { drawing, label, WIDTH } from './svg.mjs';

const TOP = 48;
const [BAR, GAP] = [26, 10];
const [LABEL_WIDTH, VALUE_WIDTH] = [190, 90];

/** Horizontal bars from 0: `bars` are `{ label, value }`; one with `isOurs` stands out. */
export function barChart({ title, unit, bars }) {
  const most = Math.max(...bars.map(({ value }) => value));
  const parts = bars.flatMap((bar, index) => {
    const y = TOP + index * (BAR + GAP);
    const width = (bar.value / most) * (WIDTH - LABEL_WIDTH - VALUE_WIDTH);
    const fill = bar.isOurs ? 'fill0' : 'fill1';
    return [
      label(LABEL_WIDTH - 10, y + 18, bar.label, 'end'),
      `<rect x="${LABEL_WIDTH}" y="${y}" width="${width.toFixed(1)}" height="${BAR}" rx="3" class="${fill}"/>`,
      label(LABEL_WIDTH + width + 8, y + 18, `${Number(bar.value.toPrecision(3))} ${unit}`),
    ];
  });
  return drawing(TOP + bars.length * (BAR + GAP) + 8, title, parts);
}
