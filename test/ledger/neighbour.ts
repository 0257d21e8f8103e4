// Works with one ledger as one of the processes that may be at it at the same time, and prints what it did as JSON.
//
//   node --import ./tools/typescript.mjs test/ledger/neighbour.ts FOLDER ROLE MILLISECONDS
//
// ROLE  `run` holds the ledger and works documents off, every fourth of which fails; now and then a sync of its log is
//       made to fail, so that it moves the log into the database at once. `retry`, `status` and `show` do again and again
//       what those commands do, each time with a connection of its own.
import { setImmediate as turn } from 'node:timers/promises';
import { openLedger } from '../../src/ledger/open.ts';
import { openLedgerReader } from '../../src/ledger/reader.ts';
import { reopenDocuments } from '../../src/ledger/reopen.ts';
import { realDisk } from '../../src/lib/durable-files.ts';
import { API, answeredOf, begunOf, doneOf, endedOf, RECIPE, refusedOf, versionOf } from './lives.ts';

const [folder = '', role = '', milliseconds = '0'] = process.argv.slice(2);
const end = performance.now() + Number(milliseconds);
const AT_ONCE = 20;
/** One of so many syncs fails. */
const FAILING = 40;

let syncs = 0;
const disk: typeof realDisk = {
  ...realDisk,
  datasync: async (log) => {
    syncs += 1;
    if (syncs % FAILING === 0) throw Object.assign(new Error('EIO: made to fail'), { code: 'EIO' });
    await realDisk.datasync(log);
  },
};

async function untilWritten(write: () => Promise<void>): Promise<void> {
  for (let tries = 0; ; tries += 1) {
    try {
      await write();
      return;
    } catch (error) {
      if (tries === 100) throw error;
    }
  }
}

async function run(): Promise<object> {
  const ledger = await openLedger(folder, { disk });
  let next = 0;
  const counts = { done: 0, failed: 0 };
  const workOff = async () => {
    while (performance.now() < end) {
      const number = (next += 1);
      const version = versionOf(`document-${number}`, String(number).padStart(8, '0'));
      await untilWritten(() => ledger.begin(begunOf(version)));
      if (number % 4 === 0) {
        await untilWritten(() => ledger.end(endedOf(version, refusedOf(1))));
        const why = { state: 'failed', code: 'server-error', reason: 'It failed.' } as const;
        await untilWritten(() => ledger.settle({ ...version, api: API, recipe: RECIPE, ...why }));
        counts.failed += 1;
      } else {
        await untilWritten(() => ledger.end(answeredOf(version, `Answer ${number}. `.repeat(100), 1, `f-${number}`)));
        await untilWritten(() => ledger.settle(doneOf(version, `f-${number}`)));
        counts.done += 1;
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, workOff));
  await ledger.close();
  return counts;
}

async function again(work: () => number): Promise<object> {
  let [times, sum] = [0, 0];
  while (performance.now() < end) {
    sum += work();
    times += 1;
    await turn();
  }
  return { times, sum };
}

function read(look: (reader: NonNullable<ReturnType<typeof openLedgerReader>>) => number): number {
  const reader = openLedgerReader(folder);
  if (reader === null) return 0;
  try {
    return look(reader);
  } finally {
    reader.close();
  }
}

const ROLES: Readonly<Record<string, () => Promise<object>>> = {
  run,
  retry: () => again(() => reopenDocuments(folder, { matches: () => true, code: null })?.length ?? 0),
  status: () =>
    again(() => read((reader) => [...reader.documents()].length + reader.spending().length + reader.inFlight())),
  show: () => again(() => read((reader) => reader.history('document-1').length)),
};

process.stdout.write(`${JSON.stringify(await ROLES[role]?.())}\n`);
