import { mkdirSync, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { RUN_ENDED } from '../../src/domain/events.ts';
import { openRedo } from '../../src/run/open-ledger.ts';
import type { Prepared } from '../../src/run/prepare.ts';
import { makeFolder } from '../ledger/support.ts';

const [march, april, may] = ['2026-03-31T10:00:00.000Z', '2026-04-01T10:00:00.000Z', '2026-05-01T10:00:00.000Z'];

function open(root: string, now: string, { redo = 'all', trial = false, firstLook = true } = {}) {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- it takes these alone
  const options = { redo } as Prepared['options'];
  const ledgerFolder = trial ? null : join(root, '.sluice');
  return openRedo(
    { options, ledgerFolder },
    { now, firstLook, ledger: { askedSince: (iso) => new Set([`asked since ${iso}`]) } },
  );
}

test('a redo goes on from run to run until nothing is left to ask', async () => {
  const root = makeFolder();
  mkdirSync(join(root, '.sluice'));
  expect(await open(root, march, { firstLook: false })).toMatchObject({ redoAll: null });

  const first = await open(root, march);
  expect([first.since, first.goesOn, first.redoAll?.hasAsked(`asked since ${march}`)]).toEqual([march, false, false]);
  expect(await open(root, april, { redo: 'stale' })).toEqual({ redoAll: null, since: april, goesOn: false });
  expect(await open(root, april, { trial: true })).toMatchObject({ since: april, goesOn: false });

  // Also in the session after a change of configuration.
  const second = await open(root, april, { firstLook: false });
  expect([second.since, second.goesOn, second.redoAll?.hasAsked(`asked since ${march}`)]).toEqual([march, true, true]);
  second.redoAll?.add('a');
  second.redoAll?.allSeen();
  expect(await open(root, april)).toMatchObject({ since: march });
  second.redoAll?.onEvent({ type: 'document-gone', id: 'a' });

  // What cannot be asked is no reason to go on for ever; what a stop left is.
  const begun = await open(root, april);
  expect(begun).toMatchObject({ since: april, goesOn: false });
  const third = begun.redoAll;
  for (const id of ['barred', 'late', 'answered']) third?.add(id);
  third?.onEvent({
    type: 'document-pending',
    id: 'barred',
    reason: 'its recipe is broken',
    dueAt: null,
    cause: 'recipe',
  });
  third?.allSeen();
  third?.onEvent({ type: 'document-gone', id: 'answered' });
  third?.onEvent({ type: 'document-pending', id: 'late', reason: RUN_ENDED, dueAt: null });
  expect(await open(root, may)).toMatchObject({ since: april, goesOn: true });
  third?.onEvent({ type: 'document-queued', id: 'barred', bytes: 1 });
  third?.onEvent({ type: 'document-gone', id: 'late' });
  expect(await open(root, may)).toMatchObject({ since: april });
  third?.onEvent({ type: 'document-pending', id: 'barred', reason: 'the API is down', dueAt: 1 });
  expect(third?.leaves('barred')).toBe(true);
  expect(await open(root, may)).toMatchObject({ since: may, goesOn: false });
  rmSync(join(root, '.sluice', 'redo-all.json'));

  await writeFile(join(root, '.sluice', 'redo-all.json'), '{"since": ');
  expect(await open(root, april)).toMatchObject({ since: april, goesOn: false });
});
