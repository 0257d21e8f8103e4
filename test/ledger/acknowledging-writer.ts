// Works documents off against a ledger without end, and prints each step as soon as the ledger says that it is durable.
//
//   node --import ./tools/typescript.mjs test/ledger/acknowledging-writer.ts FOLDER FIRST
//
// FIRST  the number of the first document
import { writeSync } from 'node:fs';
import { lastValueFrom, mergeMap, range } from 'rxjs';
import { openLedger } from '../../src/ledger/open.ts';
import { answeredOf, begunOf, doneOf, versionOf } from './lives.ts';

const [folder = '', first = '0'] = process.argv.slice(2);
const ledger = await openLedger(folder, { diedBefore: true });
const say = (line: string) => writeSync(1, `${line}\n`);
for (const warning of ledger.warnings) say(`warning ${warning}`);

const work = range(Number(first), 1_000_000).pipe(
  mergeMap(async (number) => {
    const version = versionOf(`document-${number}`, String(number).padStart(8, '0'));
    await ledger.begin(begunOf(version));
    say(`begun ${number}`);
    await ledger.end(answeredOf(version, `Answer ${number}.`, 1, `f-${number}`));
    say(`ended ${number}`);
    await ledger.settle(doneOf(version));
    say(`done ${number}`);
  }, 20),
);
await lastValueFrom(work);
