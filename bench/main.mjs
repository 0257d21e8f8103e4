// Measures the built program and prints a table; asserts nothing. Linux only: memory and CPU come from /proc.
//
//   node bench/main.mjs [NAME ...] [--quick] [--runs N] [--scale SHARE] [--program FILE] [--results DIR]
//                       [--promptfoo DIR] [--python FILE]
//
// NAME         figures to measure: main-thread overhead streamed peers latency long-latency retries stream-events
//              chance-429 chance-503 fixed-capacity fixed-bucket auto-capacity auto-recovery auto-window auto-503
//              auto-turns auto-bucket auto-slowing start large-folder stop memory large idle pick-up all-done ledger
//              (default: all)
// --quick      leaves out those that take minutes (long-latency retries chance-* fixed-* auto-window auto-503 auto-turns
//              auto-bucket auto-slowing start large-folder stop memory large idle all-done), and runs the others once
// --runs       runs per figure, of which the median counts (default 3); some long ones run once
// --scale      share of the documents, to try the bench itself (default 1)
// --program    another build to measure (default dist/main.js)
// --results    folder for the table and the plots (default: bench/results for a run of all figures on all documents,
//              else they are not written)
// --promptfoo  a folder in which promptfoo is installed, to compare with it
// --python     a Python that has aiohttp (default python3)
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { FIGURES } from './figures/all.mjs';
import { inTurn } from './support/in-turn.mjs';
import { RESULTS, table, writeReport } from './support/report.mjs';
import { createResources } from './support/resources.mjs';

const OPTIONS = {
  quick: { type: 'boolean', default: false },
  runs: { type: 'string' },
  scale: { type: 'string', default: '1' },
  program: { type: 'string', default: fileURLToPath(new URL('../dist/main.js', import.meta.url)) },
  results: { type: 'string' },
  promptfoo: { type: 'string' },
  python: { type: 'string', default: 'python3' },
};

function chosenFigures(names, isQuick) {
  const unknown = names.filter((name) => !FIGURES.some((figure) => figure.name === name));
  if (unknown.length > 0) {
    throw new Error(
      `No figure is called ${unknown.join(', ')}; there are: ${FIGURES.map(({ name }) => name).join(' ')}`,
    );
  }
  return FIGURES.filter(({ name, isLong }) => (names.length === 0 || names.includes(name)) && !(isQuick && isLong));
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
    runs: Math.ceil(positive('runs', values.runs ?? (values.quick ? 1 : 3))),
    scale,
    scaled: (documents) => Math.ceil(documents * scale),
    program: resolve(values.program),
    python: values.python,
    promptfooFolder: values.promptfoo && resolve(values.promptfoo),
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
  const figures = chosenFigures(positionals, values.quick);
  const bench = createBench(values);
  const rows = await inTurn(figures.length, (index) => measure(bench, figures[index]));
  process.stdout.write(table(rows));
  const folder = values.results ?? (rows.length === FIGURES.length && bench.scale === 1 ? RESULTS : undefined);
  if (folder !== undefined) writeReport(bench, rows, folder);
}

try {
  await main();
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 2;
}
process.exit(); // what figures share is still running
