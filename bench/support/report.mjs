import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, release, type } from 'node:os';

const RESULTS = new URL('../results/', import.meta.url);

/** One row per figure, as a Markdown table. */
export function table(rows) {
  const lines = rows.map(({ what, target, measured, raw }) => `| ${[what, target, measured, raw].join(' | ')} |`);
  return ['| what | must reach | measured | raw |', '|---|---|---|---|', ...lines, ''].join('\n');
}

/** The machine, but nothing that names it or its folders. */
function surroundings() {
  const cores = cpus();
  return [
    `${new Date().toISOString().slice(0, 10)}, Node ${process.versions.node}, ${type()} ${release().split('-')[0]},`,
    `${cores.length} cores (${cores[0].model.trim()}).`,
  ];
}

function method(runs) {
  return [
    `Medians of ${runs} runs, lowest and highest in brackets.`,
    'Wall time is spawn to exit; memory is VmHWM and CPU is user and system time, both from /proc.',
  ];
}

/** Writes `bench/results/latest.md`. */
export function writeReport(bench, rows) {
  write('latest.md', ['# Figures', '', ...surroundings(), ...method(bench.runs), '', table(rows)]);
}

/** Writes `bench/results/soak.md`. */
export function writeSoakReport(text) {
  write('soak.md', ['# Soak', '', ...surroundings(), 'Heap is what lives after a forced collection.', '', text]);
}

function write(name, lines) {
  mkdirSync(RESULTS, { recursive: true });
  writeFileSync(new URL(name, RESULTS), lines.join('\n'));
}
