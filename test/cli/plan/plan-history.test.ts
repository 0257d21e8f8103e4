import { describe, expect, test } from '@jest/globals';
import { readPlanHistory } from '../../../src/cli/plan/documents.ts';
import { attemptOf, RECIPE, versionOf } from '../../support/filled-ledger.ts';
import { scenes } from '../scenes.ts';

const answered = (document: string) => ({ document, sha256: `sha-of-${document}`, leftOut: {}, readers: [] });

describe('readPlanHistory', () => {
  const scene = scenes();
  const history = () => scene.read(readPlanHistory);

  test('there is none without a ledger, nor in an empty one', () => {
    for (const { known, answersOf } of [readPlanHistory(null), history()])
      expect([known.size, answersOf(RECIPE)]).toEqual([0, []]);
  });

  test('knows whose bytes were answered, and how long answers were', async () => {
    const { filled } = scene;
    await filled.answer(versionOf('a.txt', { size: 10 }), 'Yes.');
    await filled.answer(versionOf('b.txt', { size: 10 }), 'No.', [attemptOf(1, { completionTokens: 7, seconds: 3 })]);
    await filled.fail(versionOf('failed.txt'));
    const { known, answersOf } = history();
    expect(known).toEqual(new Map([['recipe-hash 10', [answered('a.txt'), answered('b.txt')]]]));
    expect(answersOf(RECIPE)).toEqual([
      { completionTokens: 20, seconds: 0.5 },
      { completionTokens: 7, seconds: 3 },
    ]);
  });

  test('an answer that was reused, or of unknown tokens, does not count', async () => {
    const { filled } = scene;
    await filled.answer(versionOf('a.txt'), 'Yes.', [attemptOf(1, { completionTokens: null })]);
    await filled.answer(versionOf('b.txt', { sha256: 'same' }), 'Yes.');
    await filled.reuse(versionOf('c.txt', { sha256: 'same' }));
    expect(history().answersOf(RECIPE)).toHaveLength(1);
  });

  test('a recipe that changed has answers of the same kind', async () => {
    await scene.filled.answer(versionOf('a.txt'), 'Yes.');
    expect(history().answersOf({ ...RECIPE, hash: 'changed' })).toHaveLength(1);
  });

  test.each([{ model: 'acme/large' }, { api: 'https://elsewhere.test/v1' }, { name: 'invoices.md' }])(
    'what %j asked says nothing',
    async (other) => {
      await scene.filled.answer(versionOf('a.txt'), 'Yes.');
      expect(history().answersOf({ ...RECIPE, ...other })).toEqual([]);
    },
  );
});
