// Writes what documents cause to a ledger, and prints what that took as JSON. Run by the figure `ledger`; by itself:
//
//   node bench/ledger.mjs FOLDER [--documents N] [--rate PER_SECOND] [--without] [--module FILE]
//
// FOLDER     where ledger.db goes
// --without  the same loop without a ledger, to compare with
// --module   another ledger (default src/ledger/open.ts)
import { createHash } from 'node:crypto';
import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { inTurn } from './support/in-turn.mjs';
import '../tools/typescript.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    documents: { type: 'string', default: '10000' },
    rate: { type: 'string', default: '500' },
    without: { type: 'boolean', default: false },
    module: { type: 'string', default: fileURLToPath(new URL('../src/ledger/open.ts', import.meta.url)) },
  },
});
const [folder] = positionals;
const documents = Number(values.documents);
const everyMs = 1000 / Number(values.rate);
const RECIPE = { hash: 'f'.repeat(64), name: 'default', model: 'bench/model', api: 'http://127.0.0.1/api/v1' };
const ANSWER = 'An answer of two thousand bytes. '.repeat(61).slice(0, 2000);

const nothing = async () => {};
const noLedger = { begin: nothing, head: nothing, end: nothing, settle: nothing };
const ledger = values.without ? noLedger : await (await import(values.module)).openLedger(folder);

function attemptOf(number, startedAt) {
  return {
    number,
    startedAt,
    seconds: 0.01,
    status: 200,
    code: 'answered',
    message: 'Answered.',
    provider: 'Bench',
    generationId: `gen-${startedAt}`,
    model: 'bench/model-1',
    billing: 'known',
    costUsd: 0.0001,
    costFrom: 'told',
    promptTokens: 400,
    cachedTokens: null,
    completionTokens: 500,
    verdict: 'answer',
    counts: true,
  };
}

/** Resolves to how long the answer waited, in milliseconds. */
async function workOff(index) {
  const sha256 = createHash('sha256').update(`document ${index}`).digest('hex');
  const fingerprint = createHash('sha256').update(sha256).digest('hex');
  const version = { document: { id: `folder/document-${index}.txt`, size: 1500, mtimeMs: Date.now() }, sha256 };
  const startedAt = new Date().toISOString();
  const begun = { ...version, recipe: RECIPE, number: 1, startedAt, bodySha256: sha256, forgiven: 0, reservedUsd: 0.01 };
  await ledger.begin(begun);
  await ledger.head(version, 1, { status: 200, generationId: `gen-${index}` });
  const answer = { fingerprint, text: ANSWER, extras: {}, notes: [], leftOut: {}, readers: [] };
  const ended = { ...version, record: attemptOf(1, startedAt), answer, reply: null };
  const start = performance.now();
  await ledger.end(ended);
  const waited = performance.now() - start;
  const result = `${version.document.id}.md`;
  const done = { ...version, api: RECIPE.api, recipe: RECIPE, state: 'done', result, fingerprint, reused: false, readers: [] };
  await ledger.settle(done);
  return waited;
}

function quantile(sorted, share) {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}

const delay = monitorEventLoopDelay({ resolution: 1 });
delay.enable();
const cpuBefore = process.cpuUsage();
const start = performance.now();
const running = [];
await inTurn(documents, async (index) => {
  const ahead = start + index * everyMs - performance.now();
  if (ahead > 0) await sleep(ahead);
  running.push(workOff(index));
});
const waits = (await Promise.all(running)).toSorted((a, b) => a - b);
const seconds = (performance.now() - start) / 1000;
const { user, system } = process.cpuUsage(cpuBefore);
delay.disable();
await ledger.close?.();
process.stdout.write(
  `${JSON.stringify({
    perSecond: documents / seconds,
    cpuShare: (user + system) / 1e6 / seconds,
    waitMs: quantile(waits, 0.5),
    waitMs99: quantile(waits, 0.99),
    waitMsMost: waits.at(-1),
    delayMs: delay.percentile(50) / 1e6,
    delayMs99: delay.percentile(99) / 1e6,
    delayMsMost: delay.max / 1e6,
  })}\n`,
);
