// Works documents off against a ledger for ever, and prints the id of each as soon as it is told to be done.
//
//   node --import ./tools/typescript.mjs test/ledger/acknowledging-writer.ts FOLDER FIRST
//
// FIRST  the number of the first document
import { writeSync } from 'node:fs';
import { concat, defer, lastValueFrom, mergeMap, range, tap } from 'rxjs';
import { openLedger } from '../../src/ledger/open.ts';
import { answeredOf, begunOf, doneOf, versionOf } from './lives.ts';

const [folder = '', first = '0'] = process.argv.slice(2);
const ledger = await openLedger(folder, { diedBefore: true });
const tell = (line: string) => writeSync(1, `${line}\n`);
for (const warning of ledger.warnings) tell(`warning ${warning}`);

const work = range(Number(first), 1_000_000).pipe(
  mergeMap((number) => {
    const version = versionOf(`document-${number}`, String(number).padStart(8, '0'));
    return concat(
      ledger.begin(begunOf(version)).pipe(tap(() => tell(`begun ${number}`))),
      ledger.end(answeredOf(version, `Answer ${number}.`, 1, `f-${number}`)).pipe(tap(() => tell(`ended ${number}`))),
      defer(() => ledger.settle(doneOf(version))).pipe(tap(() => tell(`done ${number}`))),
    );
  }, 20),
);
await lastValueFrom(work);
