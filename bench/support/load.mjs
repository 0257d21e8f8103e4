import { lineChart } from './line-chart.mjs';

/** What the simulator counted (`seconds` of its load), second by second without gaps. */
export function everySecond(seconds) {
  const known = new Map(seconds.map((entry) => [entry.second, entry]));
  const length = Math.max(-1, ...known.keys()) + 1;
  return Array.from({ length }, (_, second) => known.get(second) ?? { second, answered: 0, refused: 0, inFlight: 0 });
}

/** Answers and refusals of every second, beside what was possible: `best` are `[second, answers]` points. */
export function loadChart({ title, seconds, best, marks }) {
  const pointsOf = (name) => seconds.map((entry) => [entry.second, entry[name]]);
  return lineChart({
    title,
    xLabel: 'seconds',
    yLabel: 'a second',
    marks,
    lines: [
      { label: 'answered', points: pointsOf('answered') },
      { label: 'possible', points: best, isDashed: true },
      { label: 'refused', points: pointsOf('refused') },
    ],
  });
}
