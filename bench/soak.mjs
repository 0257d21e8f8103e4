// Feeds a daemon with documents at full speed, with 5 % faults, and looks whether its memory and descriptors stay flat.
// Linux only: descriptors are counted in /proc.
//
//   node bench/soak.mjs [--documents N] [--after keep|archive|delete] [--program FILE]
//
// --documents  how many (default 50000); a run of all with `keep` also writes bench/results/soak.md
// --after      what becomes of the inputs (default keep)
// --program    another build (default dist/main.js)
//
// Prints a table; ends with 1 where a bound is passed.
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createCounter } from './soak/counter.mjs';
import { createFeeder } from './soak/feeder.mjs';
import { slope } from './soak/slope.mjs';
import { inTurn } from './support/in-turn.mjs';
import { poll } from './support/poll.mjs';
import { startProbedDaemon } from './support/probed-daemon.mjs';
import { writeSoakReport } from './support/report.mjs';
import { createResources } from './support/resources.mjs';
import { startSimulator } from './support/simulator.mjs';
import { createWorkspace } from './support/workspace.mjs';

const WHOLE = 50_000;
/** Documents between two samples. */
const WAVE = 5000;
/** Documents; what the first ones make grow (code, caches, pools) is not growth. */
const WARM_UP = 10_000;
const LOOK_EVERY_MS = 200;

/** MB per 10,000 documents. */
const MOST_GROWTH = 1;
const MOST_DESCRIPTORS_MORE = 10;

/** Of 5 % of all attempts. */
const FAULTS = [
  { kind: 'status', status: 500, share: 0.015 },
  { kind: 'status', status: 503, share: 0.01 },
  { kind: 'reset-before', share: 0.005 },
  { kind: 'reset-after', share: 0.005 },
  { kind: 'empty', share: 0.005 },
  { kind: 'cut-json', share: 0.005 },
  { kind: 'error-in-200', share: 0.005 },
];

const FLAGS = ['--concurrency', 50, '--settle', 0, '--rescan', 5, '--retry-delay', 0.1, '--retries', 20];

const OPTIONS = {
  documents: { type: 'string', default: String(WHOLE) },
  after: { type: 'string', default: 'keep' },
  program: { type: 'string', default: fileURLToPath(new URL('../dist/main.js', import.meta.url)) },
};

/** Works off wave after wave, and samples in between, when nothing is in flight. */
function sampleAll(daemon, workspace, documents) {
  const feed = createFeeder(workspace);
  const count = createCounter(workspace, documents);
  const start = performance.now();
  return inTurn(Math.ceil(documents / WAVE), async (wave) => {
    const target = Math.min(documents, (wave + 1) * WAVE);
    const isReached = () => {
      const done = count();
      feed(done, target);
      return done === target;
    };
    await poll(`${target} documents are done`, isReached, { everyMs: LOOK_EVERY_MS });
    process.stderr.write(`${target} documents\n`);
    return { done: target, seconds: (performance.now() - start) / 1000, ...(await daemon.probe()) };
  });
}

function tableOf(samples) {
  const rows = samples.map(({ done, seconds, heap, external, resident, descriptors }) => {
    const megabytes = [heap, external, resident].map((value) => value.toFixed(2));
    return `| ${[done, seconds.toFixed(0), ...megabytes, descriptors].join(' | ')} |`;
  });
  const head = '| documents | seconds | heap, MB | external, MB | resident, MB | descriptors |';
  return [head, '|---|---|---|---|---|---|', ...rows, ''].join('\n');
}

function judge(samples) {
  const warm = samples.filter(({ done }) => done >= WARM_UP);
  if (warm.length < 2) return { text: `Too few documents to tell a trend: it takes ${WARM_UP + WAVE}.\n`, holds: true };
  const heap = growthOf(warm, (sample) => sample.heap);
  // Outside the heap lie, beside buffers, the ledger's records of documents, in arrays that double when they are full.
  const all = growthOf(warm, (sample) => sample.heap + sample.external);
  const more = warm.at(-1).descriptors - warm[0].descriptors;
  const text = [
    `After the first ${WARM_UP} documents, for each 10,000 more:`,
    `heap ${heap.toFixed(2)} MB (at most ${MOST_GROWTH}), with external memory ${all.toFixed(2)} MB.`,
    `Descriptors: ${more} more at the end (at most ${MOST_DESCRIPTORS_MORE}).`,
    '',
  ].join('\n');
  return { text, holds: heap <= MOST_GROWTH && more <= MOST_DESCRIPTORS_MORE };
}

/** Of a sample's value, per 10,000 documents. */
function growthOf(samples, valueOf) {
  return slope(samples.map((sample) => ({ x: sample.done / 10_000, y: valueOf(sample) })));
}

async function main() {
  const { values } = parseArgs({ options: OPTIONS });
  const documents = Number(values.documents);
  const bench = { resources: createResources(), program: resolve(values.program) };
  const workspace = createWorkspace(bench, 0);
  const simulator = await startSimulator(bench, { faults: FAULTS });
  const daemon = startProbedDaemon(bench, workspace, simulator, ...FLAGS, '--after', values.after);
  const samples = await sampleAll(daemon, workspace, documents);
  const { stdout } = await daemon.stop();
  const { text, holds } = judge(samples);
  const report = `${tableOf(samples)}\n${text}`;
  process.stdout.write(`${report}\n${stdout}`);
  if (documents === WHOLE && values.after === 'keep') writeSoakReport(report);
  return holds ? 0 : 1;
}

process.exit(
  await main().catch((error) => {
    process.stderr.write(`${error.message}\n`);
    return 2;
  }),
);
