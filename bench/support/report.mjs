import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, release, type } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { markdownTable } from './markdown-table.mjs';

/** Where the figures of a whole run are kept. */
export const RESULTS = fileURLToPath(new URL('../results', import.meta.url));

/** One row per figure, as a Markdown table. */
export function table(rows) {
  return markdownTable(
    ['what', 'must reach', 'measured', 'raw'],
    rows.map(({ what, target, measured, raw }) => [what, target, measured, raw]),
  );
}

/** What a figure shows beside its row: a table, plots. */
function section({ name, details = '', plots = {} }) {
  const images = Object.keys(plots).map((plot) => `![${plot}](${plot}.svg)\n`);
  return [`## ${name}\n`, details, ...images].filter((part) => part !== '').join('\n');
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
    `Medians of ${runs} runs, lowest and highest in brackets; of long ones there is one run.`,
    'Wall time is spawn to exit; memory is VmHWM and CPU is user and system time, both from /proc.',
  ];
}

/** Writes `latest.md` and the plots that it shows into this folder. */
export function writeReport(bench, rows, folder) {
  for (const { plots = {} } of rows) for (const [name, svg] of Object.entries(plots)) write(folder, `${name}.svg`, svg);

  const lines = ['# Figures', '', ...surroundings(), ...method(bench.runs), '', table(rows)];
  const sections = rows.filter((row) => row.details !== undefined || row.plots !== undefined).map(section);
  write(folder, 'latest.md', [...lines, ...sections].join('\n'));
}

/** Writes `bench/results/soak.md`. */
export function writeSoakReport(text) {
  const lines = ['# Soak', '', ...surroundings(), 'Heap is what lives after a forced collection.', '', text];
  write(RESULTS, 'soak.md', lines.join('\n'));
}

function write(folder, name, text) {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, name), text);
}
