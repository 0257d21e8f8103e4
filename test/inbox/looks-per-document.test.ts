import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { lastValueFrom, NEVER, toArray } from 'rxjs';

/** Not imported: what is imported under jest holds on to the calls that it found there first. */
const fs = process.getBuiltinModule('node:fs');
const LOOKS = ['stat', 'lstat', 'fstat', 'access'] as const;
const DOCUMENTS = 500;
/** In a name that this disk cannot hold. */
const UNHOLDABLE = '?';

const home = fs.realpathSync(fs.mkdtempSync(join(tmpdir(), 'sluice-looks-')));
let looks = 0;
const restores: (() => void)[] = [];

for (const name of LOOKS.flatMap((look) => [look, `${look}Sync`])) {
  const original: unknown = Reflect.get(fs, name);
  if (typeof original !== 'function') throw new Error(name);
  const counting = (...args: unknown[]): unknown => {
    looks += 1;
    if (String(args[0]).includes(UNHOLDABLE)) throw Object.assign(new Error('EINVAL: injected'), { code: 'EINVAL' });
    return Reflect.apply(original, fs, args);
  };
  Reflect.set(fs, name, Object.defineProperties(counting, Object.getOwnPropertyDescriptors(original)));
  restores.push(() => Reflect.set(fs, name, original));
}
syncBuiltinESMExports();
afterAll(() => {
  fs.rmSync(home, { recursive: true });
  for (const restore of restores) restore();
  syncBuiltinESMExports();
});

test('a new document costs four looks at the disk in inbox and outbox', async () => {
  const { createInbox } = await import('../../src/inbox/inbox.ts');
  const { createOutbox } = await import('../../src/outbox/outbox.ts');
  const root = join(home, 'inbox');
  fs.mkdirSync(root);
  for (let index = 0; index < DOCUMENTS; index += 1) {
    fs.writeFileSync(join(root, `${index}.txt`), 'text');
    fs.utimesSync(join(root, `${index}.txt`), 1e9, 1e9);
  }
  const inbox = createInbox({
    root,
    once: true,
    settleSeconds: 0,
    rescanSeconds: 3600,
    maxBytes: 1000,
    byName: false,
    rescanNow: NEVER,
    closing: NEVER,
    archive: '/nowhere',
  });
  const outbox = createOutbox({
    results: join(home, 'outbox'),
    failures: join(home, 'failed'),
    program: 'sluice',
    receipts: false,
  });
  // As at the start of a run: it shows that there are no receipts.
  await outbox.sweep();
  // A listing counts once the folder was left alone for a moment.
  fs.utimesSync(join(home, 'failed'), 1e9 + 0.5, 1e9 + 0.5);

  const start = performance.now();
  looks = 0;
  const seen = await lastValueFrom(inbox.events.pipe(toArray()));
  for (const event of seen) {
    if (event.type !== 'document-seen') continue;
    const { document } = event;
    const place = { name: document.id, ending: '.md' };
    expect(outbox.resultOf(place) ?? outbox.failedVersion(document.id)).toBeNull();
    expect(outbox.reservePath(document.id, place)).toEqual({ conflict: null, found: null });
    // oxlint-disable-next-line no-await-in-loop -- the order in which one document goes its way
    expect(await inbox.read(document)).toMatchObject({ kind: 'read' });
    // oxlint-disable-next-line no-await-in-loop -- as above
    await outbox.fileResult(document.id, place, 'answer');
    outbox.releasePath(document.id);
  }
  // Folders are looked at by time, whatever the number of documents: two of them every 5 ms, and the rights every 100 ms.
  const byTime = 5 + ((performance.now() - start) / 5) * 2.1;
  expect(looks).toBeGreaterThan(4 * DOCUMENTS);
  expect(looks).toBeLessThanOrEqual(4 * DOCUMENTS + byTime);
}, 60_000);

test('a name that the disk cannot hold has no result, and is known before anything is paid for', async () => {
  const { createOutbox } = await import('../../src/outbox/outbox.ts');
  const { results, failures } = { results: join(home, 'other'), failures: join(home, 'other-failed') };
  const outbox = createOutbox({ results, failures, program: 'sluice', receipts: false });
  const place = { name: 'q: 1?', ending: '.md' };
  expect(outbox.resultOf(place)).toBeNull();
  expect(outbox.failedVersion('q: 1?')).toBeNull();
  expect(outbox.reservePath('q: 1?', place)).toEqual({ conflict: expect.stringContaining('EINVAL'), found: null });
  expect(outbox.reservePath('other', { ...place, name: 'other' }).conflict).toBeNull();
});
