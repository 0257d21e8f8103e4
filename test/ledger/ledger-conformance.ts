import { expect, test } from '@jest/globals';
import type { DocumentVersion, Ledger, Settlement, VersionRecord } from '../../src/domain/ledger.ts';
import {
  API,
  answeredOf,
  begunOf,
  doneOf,
  endedOf,
  READ,
  RECIPE,
  recordOf,
  refusedOf,
  versionOf,
  workOff,
} from './lives.ts';

const EXTRAS = {
  reasoning: 'Let me see: \ud800.',
  reasoningTokens: 3,
  annotations: [{ type: 'file', file: { hash: 'h', content: [{ type: 'text', text: 'A page.\0' }] } }],
  images: [{ mediaType: 'image/png', base64: 'AAAA' }],
};
const ID = 'q1/report.md';
const first = versionOf(ID, '1');
const second = versionOf(ID, '2');
const pending = {
  state: 'pending',
  size: 100,
  mtimeMs: 1_700_000_000_000.25,
  ctimeMs: 1_700_000_000_500.5,
  inode: 7,
  api: API,
  recipe: RECIPE.hash,
  dueAt: null,
  readers: null,
};

/** What every ledger does, whatever it is made of: to be called within a `describe`. `open` gives an empty one. */
export function testsOfLedger(open: () => Promise<Ledger>): void {
  test('knows nothing at first', async () => {
    const ledger = await open();
    expect(ledger.recall(ID)).toBeUndefined();
    expect(await lookAt(ledger, first)).toBeUndefined();
    expect(await ledger.answer('f')).toBeUndefined();
    expect(await ledger.reply('k')).toBeUndefined();
    expect(ledger.resultPath(ID)).toBeUndefined();
  });

  test('what was written is remembered when its promise resolves', async () => {
    const ledger = await open();
    await ledger.begin(begunOf(versionOf('other')));
    expect(ledger.recall(ID)).toBeUndefined();
    await ledger.begin(begunOf(first));
    expect(ledger.recall(ID)).toEqual(pending);
  });

  test('an attempt that is in flight has a number and no record yet', async () => {
    const ledger = await open();
    await ledger.begin(begunOf(first));
    await ledger.head(first, 1, { status: 200, generationId: 'gen-1' });
    const version = { state: 'pending', api: API, recipe: RECIPE.hash, code: null, reason: null, readers: null };
    expect(await lookAt(ledger, first)).toEqual({ ...version, attempts: [], lastNumber: 1, lastBilling: null });
  });

  test('gives back attempts as they ended, oldest first', async () => {
    const ledger = await open();
    for (const number of [1, 2]) {
      await ledger.begin(begunOf(first, number));
      await ledger.end(endedOf(first, refusedOf(number)));
    }
    expect((await lookAt(ledger, first))?.attempts).toEqual([refusedOf(1), refusedOf(2)]);
    expect((await lookAt(ledger, first))?.lastNumber).toBe(2);
  });

  test('an attempt that is forgiven when the next begins counts no longer', async () => {
    const ledger = await open();
    await ledger.begin(begunOf(first));
    await ledger.end(endedOf(first, refusedOf(1)));
    await ledger.begin(begunOf(first, 2, { forgiven: 1 }));
    await ledger.end(endedOf(first, refusedOf(2)));
    expect((await lookAt(ledger, first))?.attempts.map(({ number }) => number)).toEqual([2]);
  });

  test('a document that is done is remembered as that, and its attempts count no longer', async () => {
    const ledger = await open();
    await workOff(ledger, first, 'An answer.');
    expect(ledger.recall(ID)).toEqual({ ...pending, state: 'done', readers: [] });
    expect(await lookAt(ledger, first)).toMatchObject({ state: 'done', attempts: [], lastNumber: 1 });
  });

  test('a later version takes the place of the result before', async () => {
    const ledger = await open();
    await workOff(ledger, first, 'An answer.');
    await ledger.begin(begunOf(second));
    expect(ledger.recall(ID)?.state).toBe('pending');
    expect((await lookAt(ledger, first))?.state).toBe('done');
    await ledger.end(answeredOf(second, 'Another.'));
    await ledger.settle(doneOf(second));
    expect((await lookAt(ledger, first))?.state).toBe('replaced');
    expect(ledger.recall(ID)?.state).toBe('done');
  });

  test('the newest answer to a fingerprint is found, from a time on, with its attempt and document', async () => {
    const ledger = await open();
    await workOff(ledger, first, 'Old.');
    const later = recordOf(1, { startedAt: '2026-04-01T10:00:00.000Z' });
    const other = versionOf('other', '1');
    await ledger.begin(begunOf(other, 1, { startedAt: later.startedAt }));
    await ledger.end({ ...answeredOf(other, 'New.'), record: later });
    expect(await ledger.answer('f')).toEqual({
      text: 'New.',
      extras: {},
      notes: [],
      ...READ,
      document: 'other',
      attempt: later,
    });
    expect((await ledger.answer('f', '2026-04-01T10:00:01.500Z'))?.text).toBe('New.');
    expect(await ledger.answer('f', '2026-04-01T10:00:01.501Z')).toBeUndefined();
    expect(await ledger.answer('g')).toBeUndefined();
  });

  test.each([
    ['a NUL', 'before\0after'],
    ['letters of every length', 'aä€😀'],
    ['a byte order mark', '\ufefftext'],
    ['nothing', ''],
    ['a megabyte', 'ab\n'.repeat(350_000)],
  ])('an answer with %s comes back as it was', async (_, text) => {
    const ledger = await open();
    await workOff(ledger, first, text);
    expect((await ledger.answer('f'))?.text === text).toBe(true);
  });

  test('an answer comes back with all that came with it', async () => {
    const ledger = await open();
    const answer = { text: 'Yes.', extras: EXTRAS, notes: ['It was cut at a\0NUL.', 'It was joined.'] };
    await ledger.begin(begunOf(first));
    await ledger.end(endedOf(first, recordOf(1), { answer: { fingerprint: 'f', ...answer, ...READ } }));
    expect(await ledger.answer('f')).toMatchObject(answer);
    expect((await lookAt(ledger, first))?.attempts[0]?.cachedTokens).toBeNull();
  });

  test('the tokens that a provider had in its cache are remembered', async () => {
    const ledger = await open();
    await ledger.begin(begunOf(first));
    await ledger.end(endedOf(first, recordOf(1, { cachedTokens: 80 })));
    expect((await lookAt(ledger, first))?.attempts[0]?.cachedTokens).toBe(80);
  });

  test.each([
    ['promptTokens', 10.5],
    ['completionTokens', 1e19],
    ['cachedTokens', 1.5],
    ['costUsd', 1e300],
    ['completionTokens', 2 ** 53],
    ['promptTokens', -0.25],
  ] as const)('whatever an API counts, the answer is kept: %s %d', async (field, count) => {
    const ledger = await open();
    await ledger.begin(begunOf(first));
    await ledger.end({ ...answeredOf(first, 'An answer.'), record: recordOf(1, { [field]: count }) });
    expect((await ledger.answer('f'))?.text).toBe('An answer.');
    expect((await lookAt(ledger, first))?.attempts).toEqual([recordOf(1, { [field]: count })]);
  });

  test('a reply that was kept is found by its key, the newest one, from a time on, and is no answer', async () => {
    const ledger = await open();
    const replies = [
      { text: 'Half an\0answ', cut: true, extras: EXTRAS },
      { text: 'A whole one.', cut: false, extras: {} },
    ];
    for (const [index, reply] of replies.entries()) {
      const number = index + 1;
      const startedAt = `2026-03-31T10:00:0${number}.000Z`;
      await ledger.begin(begunOf(first, number, { startedAt }));
      const ended = endedOf(first, recordOf(number, { startedAt }), { reply: { key: 'k', ...reply } });
      for (let time = 0; time < 2; time += 1) await ledger.end(ended);
      expect(await ledger.reply('k')).toEqual(reply);
    }
    expect(await ledger.reply('k', '2026-03-31T10:00:03.500Z')).toEqual(replies[1]);
    expect(await ledger.reply('k', '2026-03-31T10:00:03.501Z')).toBeUndefined();
    expect(await ledger.reply('other')).toBeUndefined();
    expect(await ledger.answer('k')).toBeUndefined();
  });

  test('the path of a result is known as long as its version is the current one', async () => {
    const ledger = await open();
    await ledger.begin(begunOf(first));
    expect(ledger.resultPath(ID)).toBeUndefined();
    await ledger.settle(doneOf(first, 'f', 'by name/report.csv'));
    expect(ledger.resultPath(ID)).toBe('by name/report.csv');
    await ledger.begin(begunOf(first, 2));
    expect(ledger.resultPath(ID)).toBe('by name/report.csv');
    await ledger.begin(begunOf(second));
    expect(ledger.resultPath(ID)).toBeUndefined();
  });

  test('failed and held say why, and a new begin takes that away', async () => {
    const ledger = await open();
    await ledger.begin(begunOf(first));
    const why = { code: 'refused', reason: 'The model refused.' };
    for (const state of ['failed', 'held'] as const) {
      await ledger.settle({ ...first, api: API, recipe: RECIPE, state, ...why });
      expect(ledger.recall(ID)?.state).toBe(state);
      expect(await lookAt(ledger, first)).toMatchObject({ state, ...why });
    }
    await ledger.begin(begunOf(first, 2));
    expect(await lookAt(ledger, first)).toMatchObject({ state: 'pending', code: null, reason: null });
  });

  test('what was never asked, or never read whole, can be settled', async () => {
    const ledger = await open();
    const unread = { ...first, sha256: null };
    const failed: Settlement = { ...unread, api: API, recipe: null, state: 'failed', code: 'empty', reason: 'It is.' };
    await ledger.settle(failed);
    expect(ledger.recall(ID)).toEqual({ ...pending, state: 'failed', recipe: null });
    await ledger.settle({ ...doneOf(second, null), recipe: null });
    expect(ledger.recall(ID)).toEqual({ ...pending, state: 'done', recipe: null, readers: [] });
  });

  test('what is due later says when', async () => {
    const ledger = await open();
    const dueAt = Date.UTC(2026, 3, 1);
    await ledger.settle({ ...first, api: API, recipe: RECIPE, state: 'pending', dueAt });
    expect(ledger.recall(ID)?.dueAt).toBe(dueAt);
    await ledger.begin(begunOf(first));
    expect(ledger.recall(ID)?.dueAt).toBeNull();
  });

  test('a touched version becomes the current one again', async () => {
    const ledger = await open();
    await workOff(ledger, first, 'An answer.');
    await ledger.begin(begunOf(second));
    const touched = { mtimeMs: 1_800_000_000_000.5, ctimeMs: 1_800_000_000_001.5, inode: 2 ** 64 };
    await ledger.touch({ ...first, document: { ...first.document, ...touched } });
    expect(ledger.recall(ID)).toEqual({ ...pending, state: 'done', readers: [], ...touched });
  });

  test('what the state of a file lacks is completed, and nothing else of it', async () => {
    const ledger = await open();
    const partly = (id: string): DocumentVersion => {
      const { size, mtimeMs } = first.document;
      return { ...first, document: { id, size, mtimeMs } };
    };
    await workOff(ledger, partly(ID), 'An answer.');
    await workOff(ledger, partly('changed'), 'An answer.');
    await workOff(ledger, versionOf('known'), 'An answer.');
    const found = { ...first.document, ctimeMs: 9.5, inode: 8 };
    await ledger.completeStates([found, { ...found, id: 'changed', size: 3 }, { ...found, id: 'known' }]);
    expect(ledger.recall(ID)).toEqual({ ...pending, state: 'done', readers: [], ctimeMs: 9.5, inode: 8 });
    expect(ledger.recall('changed')).toMatchObject({ ctimeMs: null, inode: null });
    expect(ledger.recall('known')).toMatchObject({ ctimeMs: pending.ctimeMs, inode: 7 });
  });

  test('an answer tells how its document was read, and so does the document that is done with it', async () => {
    const ledger = await open();
    const read = { leftOut: { chart: 2, 'embedded object': 1 }, readers: ['docx/2', 'eml/1'] };
    await ledger.begin(begunOf(first));
    await ledger.end(
      endedOf(first, recordOf(1), { answer: { fingerprint: 'f', text: 'Yes.', extras: {}, notes: [], ...read } }),
    );
    expect(await ledger.answer('f')).toMatchObject(read);
    expect(ledger.recall(ID)?.readers).toBeNull();
    await ledger.settle({
      ...first,
      api: API,
      recipe: RECIPE,
      state: 'done',
      result: 'r',
      fingerprint: 'f',
      reused: false,
      readers: read.readers,
    });
    expect(ledger.recall(ID)?.readers).toEqual(read.readers);
    expect((await lookAt(ledger, first))?.readers).toEqual(read.readers);
    await ledger.begin(begunOf(first, 2));
    expect((await lookAt(ledger, first))?.readers).toBeNull();
  });

  test('a version that is not known cannot be touched', async () => {
    const ledger = await open();
    await workOff(ledger, first, 'An answer.');
    await ledger.touch(second);
    expect(ledger.recall(ID)?.state).toBe('done');
    expect(await lookAt(ledger, second)).toBeUndefined();
  });

  test('a reopened document is pending, and its attempts count no longer', async () => {
    const ledger = await open();
    await ledger.begin(begunOf(first));
    await ledger.end(endedOf(first, refusedOf(1)));
    const failed = { state: 'failed', code: 'retries', reason: 'None is left.' } as const;
    await ledger.settle({ ...first, api: API, recipe: RECIPE, ...failed });
    await ledger.reopen(ID);
    expect(ledger.recall(ID)?.state).toBe('pending');
    const version = { state: 'pending', api: API, recipe: RECIPE.hash, code: null, reason: null, readers: null };
    expect(await lookAt(ledger, first)).toEqual({ ...version, attempts: [], lastNumber: 1, lastBilling: null });
  });

  test('what is written twice is there once', async () => {
    const ledger = await open();
    const writes = [
      () => ledger.begin(begunOf(first)),
      () => ledger.end(answeredOf(first, 'An answer.')),
      () => ledger.settle(doneOf(first)),
    ];
    for (const write of writes) for (let time = 0; time < 2; time += 1) await write();
    expect(await lookAt(ledger, first)).toMatchObject({ state: 'done', lastNumber: 1 });
    expect((await ledger.answer('f'))?.text).toBe('An answer.');
  });

  test('the head of a reply and its end may be written at once', async () => {
    const ledger = await open();
    await ledger.begin(begunOf(first));
    const head = ledger.head(first, 1, { status: 200, generationId: 'gen-1' });
    await Promise.all([head, ledger.end(answeredOf(first, 'An answer.'))]);
    expect((await lookAt(ledger, first))?.attempts).toEqual([recordOf(1)]);
    expect((await ledger.answer('f'))?.attempt).toEqual(recordOf(1));
  });

  test('many at once are all there', async () => {
    const ledger = await open();
    const versions = Array.from({ length: 300 }, (_, index) => versionOf(`document-${index}`));
    await Promise.all(versions.map((version) => ledger.begin(begunOf(version))));
    expect(versions.filter(({ document }) => ledger.recall(document.id)?.state !== 'pending')).toEqual([]);
  });
}

function lookAt(ledger: Ledger, { document, sha256 }: DocumentVersion): Promise<VersionRecord | undefined> {
  return ledger.version(document.id, sha256 ?? '');
}
