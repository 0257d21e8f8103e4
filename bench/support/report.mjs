import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, release, type } from 'node:os';

const RESULTS = new URL('../results/', import.meta.url);

/** One row per figure, as a Markdown table. */
export function table(rows) {
  const lines = rows.map(({ what, target, measured, raw }) => `| ${[what, target, measured, raw].join(' | ')} |`);
  return ['| what | must reach | measured | raw |', '|---|---|---|---|', ...lines, ''].join('\n');
}

/** What the figures were measured on. Nothing that names the machine or its folders. */
function surroundings(runs) {
  const cores = cpus();
  return [
    '# Figures',
    '',
    `${new Date().toISOString().slice(0, 10)}, Node ${process.versions.node}, ${type()} ${release().split('-')[0]},`,
    `${cores.length} cores (${cores[0].model.trim()}).`,
    `Medians of ${runs} runs, lowest and highest in brackets.`,
    'Wall time is spawn to exit; memory is VmHWM and CPU is user and system time, both from /proc.',
    '',
    '',
  ].join('\n');
}

/** Writes `bench/results/latest.md`. */
export function writeReport(bench, rows) {
  mkdirSync(RESULTS, { recursive: true });
  writeFileSync(new URL('latest.md', RESULTS), surroundings(bench.runs) + table(rows));
}
