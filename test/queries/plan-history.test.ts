import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { openLedgerReader } from '../../src/ledger/read-ledger.ts';
import { readPlanHistory } from '../../src/queries/plan-history.ts';
import { memoryOf } from '../../src/queries/read-ledger-of.ts';
import { attemptOf, FilledLedger, RECIPE, versionOf } from '../support/filled-ledger.ts';
import { Workspace } from '../support/workspace.ts';

describe('readPlanHistory', () => {
  let workspace: Workspace;
  let filled: FilledLedger;

  beforeEach(async () => {
    workspace = await Workspace.make();
    filled = await FilledLedger.open(workspace.root);
  });
  afterEach(async () => {
    await filled.close();
    await workspace.remove();
  });

  const historyFor = (recipe = RECIPE) => {
    const reader = openLedgerReader(memoryOf(workspace.root));
    const history = readPlanHistory(reader, recipe);
    reader?.close();
    return history;
  };

  test('there is none without a ledger, nor in an empty one', () => {
    expect(readPlanHistory(null, RECIPE)).toEqual({ known: new Map(), answers: [] });
    expect(historyFor()).toEqual({ known: new Map(), answers: [] });
  });

  test('knows whose bytes were answered, and how long answers were', async () => {
    await filled.answer(versionOf('a.txt', { size: 10 }), 'Yes.');
    await filled.answer(versionOf('b.txt', { size: 10 }), 'No.', [attemptOf(1, { completionTokens: 7, seconds: 3 })]);
    await filled.fail(versionOf('failed.txt'));
    expect(historyFor()).toEqual({
      known: new Map([[10, new Set(['sha-of-a.txt', 'sha-of-b.txt'])]]),
      answers: [
        { completionTokens: 20, seconds: 0.5 },
        { completionTokens: 7, seconds: 3 },
      ],
    });
  });

  test('an answer that was reused, or that tells no tokens, says nothing of the next one', async () => {
    await filled.answer(versionOf('a.txt'), 'Yes.', [attemptOf(1, { completionTokens: null })]);
    await filled.answer(versionOf('b.txt', { sha256: 'same' }), 'Yes.');
    await filled.reuse(versionOf('c.txt', { sha256: 'same' }));
    expect(historyFor().answers).toHaveLength(1);
  });

  test('a recipe that changed has answers of the same kind, and no answer of its own', async () => {
    await filled.answer(versionOf('a.txt'), 'Yes.');
    expect(historyFor({ ...RECIPE, hash: 'changed' })).toMatchObject({ known: new Map(), answers: [{}] });
  });

  test.each([{ model: 'acme/large' }, { api: 'https://elsewhere.test/v1' }, { name: 'invoices.md' }])(
    'what %j asked says nothing',
    async (other) => {
      await filled.answer(versionOf('a.txt'), 'Yes.');
      expect(historyFor({ ...RECIPE, ...other, hash: 'another' })).toEqual({ known: new Map(), answers: [] });
    },
  );
});
