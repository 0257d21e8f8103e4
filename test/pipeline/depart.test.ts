import { describe, expect, test } from '@jest/globals';
import { of, throwError, toArray } from 'rxjs';
import { DiskError } from '../../src/domain/errors.ts';
import { depart } from '../../src/pipeline/file-answer.ts';
import { virtualTime } from '../support/virtual-time.ts';
import { document, identity } from './in-memory.ts';
import { content, type PortsInMemory, portsInMemory, settingsBy } from './ports-in-memory.ts';

/** What is told when the input of `a` is to go, with folders and ledger as `arrange` makes them. */
function told(arrange: (ports: PortsInMemory) => Partial<PortsInMemory> | void): readonly string[] {
  const { clock } = virtualTime();
  const ports = portsInMemory(clock);
  const changed = { ...ports, ...arrange(ports) };
  let events: readonly string[] = [];
  depart(changed, settingsBy(clock, { after: 'archive' }), document('a'))
    .pipe(toArray())
    .subscribe((steps) => (events = steps.map(({ event }) => event.type)));
  return events;
}

const answered = ({ ledger }: PortsInMemory): void => {
  const made = { api: 'api', recipe: identity, fingerprint: 'f', reused: false };
  ledger.settle({ ...content, ...made, state: 'done', result: 'a.md' }).subscribe();
};

describe('an input', () => {
  test('whose very bytes were answered goes', () => {
    expect(told(answered)).toEqual(['document-departed']);
  });

  test('of which the ledger knows no answer stays', () => {
    expect(told(() => undefined)).toEqual([]);
  });

  test('that is no longer there is nothing to tell of', () => {
    expect(
      told((ports) => {
        answered(ports);
        return { inbox: { ...ports.inbox, read: () => of({ kind: 'gone' }) } };
      }),
    ).toEqual([]);
  });

  test('that cannot go is told, and stays', () => {
    expect(
      told((ports) => {
        answered(ports);
        return { inbox: { ...ports.inbox, release: () => throwError(() => new DiskError('full')) } };
      }),
    ).toEqual(['run-noted']);
  });
});
