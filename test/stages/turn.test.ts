import { describe, expect, test } from '@jest/globals';
import { finalize, NEVER, toArray } from 'rxjs';
import type { DocumentRecord } from '../../src/domain/ports.ts';
import { type Turn, turn } from '../../src/stages/turn.ts';
import { newWork } from '../../src/stages/work.ts';
import { virtualTime } from '../support/virtual-time.ts';
import { document } from './in-memory.ts';
import { type PortsInMemory, portsInMemory, recipe, recordOfA, settingsBy } from './ports-in-memory.ts';

/** A turn of document `a`, whose mtime is new, when the ledger says `record` of it and the folders are as `arrange` says. */
function turned(record: DocumentRecord, arrange: (ports: PortsInMemory) => void, redo = false): readonly string[] {
  const { clock } = virtualTime();
  const ports = portsInMemory(clock);
  ports.ledger.records.set('a', record);
  arrange(ports);
  const turns: Turn[] = [];
  turn(ports, settingsBy(clock), newWork(document('a', 2), redo), recipe).subscribe((happened) => turns.push(happened));
  return turns.map(({ kind }) => kind);
}

const withResult = ({ outbox }: PortsInMemory) => void outbox.results.set('a', 'an answer');
const withReport = ({ outbox }: PortsInMemory) => {
  const report = { document: { ...document('a'), sha256: 'a#1' }, code: 'x', reason: 'y', attempts: [] };
  outbox.reports.set('a', report);
};
const withNothing = () => undefined;

describe('a document that was only touched', () => {
  test.each([
    ['answered, and its result is there', recordOfA(), withResult],
    ['failed, and its report is there', recordOfA({ state: 'failed' }), withReport],
  ])('is not sent where it was %s', (_, record, arrange) => {
    expect(turned(record, arrange)).toEqual(['known']);
  });

  test.each([
    ['its bytes changed', recordOfA({ sha256: 'other' }), withResult],
    ['its result was deleted', recordOfA(), withNothing],
    ['its report was deleted', recordOfA({ state: 'failed' }), withNothing],
    ['it was answered through another API', recordOfA({ api: 'other' }), withResult],
  ])('is sent where %s', (_, record, arrange) => {
    expect(turned(record, arrange)).toEqual(['started', 'ended']);
  });

  test('is sent where all are to be asked again', () => {
    expect(turned(recordOfA(), withResult, true)).toEqual(['started', 'ended']);
  });
});

test('a call that is cut off is given up as in doubt, for it may have been billed', () => {
  const { scheduler, clock } = virtualTime();
  let aborted = false;
  const llm = { attempt: () => NEVER.pipe(finalize(() => (aborted = true))) };
  const ports = portsInMemory(clock, { llm });
  let turns: readonly Turn[] = [];
  scheduler.run(() => {
    scheduler.schedule(() => ports.gate.cut(), 1500);
    turn(ports, settingsBy(clock), newWork(document('a'), false), recipe)
      .pipe(toArray())
      .subscribe((all) => (turns = all));
  });

  expect(aborted).toBe(true);
  expect(turns).toMatchObject([
    { kind: 'started', at: 0 },
    {
      kind: 'ended',
      ruling: { outcome: { record: { code: 'cut-off', billing: 'in doubt', seconds: 1.5, number: 1 } } },
    },
  ]);
});
