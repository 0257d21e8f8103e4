import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { ReplaySubject, Subject } from 'rxjs';
import { createInbox } from '../../src/inbox/inbox.ts';
import { type Heard, makeFolder, open, settingsOf, writeOld } from './support.ts';

const IDS = Array.from({ length: 200 }, (_, index) => `${index}.txt`);

let root: string;
/** Emits to late subscribers too, as the gate does. */
let closing: ReplaySubject<void>;

beforeEach(async () => {
  root = await makeFolder();
  closing = new ReplaySubject(1);
  await Promise.all(IDS.map((id) => writeOld(join(root, id))));
  await writeFile(join(root, 'young.txt'), 'x');
});

/** Long enough that a test which waited for it would fail. */
const settings = (once: boolean) => ({ once, closing, settleSeconds: 3600 });

const completed = (heard: Heard): Promise<void> => heard.until((record) => record.completed);

describe.each([
  ['a single listing', true],
  ['a watched inbox', false],
])('%s', (_, once) => {
  test.each([
    ['at the first document', (heard: Heard) => heard.untilSeen('0.txt')],
    ['before it begins', () => Promise.resolve()],
  ])('that is closed %s comes by all documents, and waits for none to settle', async (_when, until) => {
    const heard = open(root, settings(once));
    await until(heard);
    closing.next();
    await completed(heard);
    expect(new Set(heard.ids())).toEqual(new Set(IDS));
    expect(heard.events.slice(-2)).toMatchObject([
      { type: 'scan-finished', initial: true, documents: IDS.length, settling: 1 },
      { type: 'document-unsettled', id: 'young.txt' },
    ]);
  });

  test('that was closed before is looked through all the same', async () => {
    closing.next();
    const heard = open(root, settings(once));
    await completed(heard);
    expect(heard.ids()).toHaveLength(IDS.length);
  });

  test('that is closed after the scan ends at once', async () => {
    const heard = open(root, settings(once));
    await heard.untilScanned();
    const before = heard.events.length;
    closing.next();
    await completed(heard);
    expect(heard.events.slice(before)).toEqual([{ type: 'document-unsettled', id: 'young.txt' }]);
  });

  test('that is not there ends at once', async () => {
    await rm(root, { recursive: true });
    closing.next();
    const heard = open(root, settings(once));
    await completed(heard);
    expect(heard.types()).toEqual(['inbox-lost']);
  });
});

test('a watched inbox that is closed during a later scan ends at once', async () => {
  const rescanNow = new Subject<void>();
  const types: string[] = [];
  await createInbox(settingsOf(root, { ...settings(false), rescanNow })).events.forEach((event) => {
    types.push(event.type);
    if (event.type === 'scan-finished') rescanNow.next();
    if (event.type === 'document-seen' && !event.initial) closing.next();
  });
  expect(types).toEqual([...IDS.map(() => 'document-seen'), 'scan-finished', 'document-seen', 'document-unsettled']);
});
