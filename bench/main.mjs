// Measures the built program and prints a table; asserts nothing. Linux only: memory and CPU come from /proc.
//
//   node bench/main.mjs [NAME ...] [--runs N] [--scale SHARE] [--program FILE]
//
// NAME       figures to measure: latency overhead retries start idle pick-up ledger (default: all)
// --runs     runs per figure, of which the median counts (default 3)
// --scale    share of the documents, to try the bench itself (default 1)
// --program  another build to measure (default dist/main.js)
//
// A run of all figures on all documents also writes bench/results/latest.md.
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { idle } from './figures/idle.mjs';
import { latency } from './figures/latency.mjs';
import { ledger } from './figures/ledger.mjs';
import { overhead } from './figures/overhead.mjs';
import { pickUp } from './figures/pick-up.mjs';
import { retries } from './figures/retries.mjs';
import { start } from './figures/start.mjs';
import { inTurn } from './support/in-turn.mjs';
import { table, writeReport } from './support/report.mjs';
import { createResources } from './support/resources.mjs';

const FIGURES = [latency, overhead, retries, start, idle, pickUp, ledger];
const OPTIONS = {
  runs: { type: 'string', default: '3' },
  scale: { type: 'string', default: '1' },
  program: { type: 'string', default: fileURLToPath(new URL('../dist/main.js', import.meta.url)) },
};

function chosenFigures(names) {
  const unknown = names.filter((name) => !FIGURES.some((figure) => figure.name === name));
  if (unknown.length > 0) {
    throw new Error(
      `No figure is called ${unknown.join(', ')}; there are: ${FIGURES.map(({ name }) => name).join(' ')}`,
    );
  }
  return FIGURES.filter(({ name }) => names.length === 0 || names.includes(name));
}

function positive(name, text) {
  const number = Number(text);
  if (number > 0 && Number.isFinite(number)) return number;
  throw new Error(`--${name} takes a number above 0, not ${text}`);
}

function createBench(values) {
  const scale = positive('scale', values.scale);
  return {
    resources: createResources(),
    runs: Math.ceil(positive('runs', values.runs)),
    scale,
    scaled: (documents) => Math.ceil(documents * scale),
    program: resolve(values.program),
  };
}

/** A figure that cannot be measured says why in its row, and the others go on. */
async function measure(bench, figure) {
  process.stderr.write(`${figure.name} ...\n`);
  try {
    return { ...figure, ...(await figure.measure(bench)) };
  } catch (error) {
    process.stderr.write(`${error.stack}\n`);
    return { ...figure, measured: 'not measured', raw: error.message.split('\n')[0] };
  }
}

async function main() {
  const { values, positionals } = parseArgs({ allowPositionals: true, options: OPTIONS });
  const figures = chosenFigures(positionals);
  const bench = createBench(values);
  const rows = await inTurn(figures.length, (index) => measure(bench, figures[index]));
  process.stdout.write(table(rows));
  if (rows.length === FIGURES.length && bench.scale === 1) writeReport(bench, rows);
}

try {
  await main();
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 2;
}
process.exit(); // what figures share is still running
