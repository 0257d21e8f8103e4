import { stat } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { DocumentRef } from '../../src/domain/document.ts';
import { countPrompts, type PromptSettings } from '../../src/queries/plan-prompts.ts';
import { Workspace } from '../support/workspace.ts';
import { recipesOf } from './support.ts';

/** A token a word. */
const countWords = (text: string): number => text.split(/\s+/).filter((word) => word !== '').length;

/** What the message of the document and the beginning of the answer add. */
const AROUND = 7;

describe('countPrompts', () => {
  let workspace: Workspace;
  beforeEach(async () => {
    workspace = await Workspace.make();
  });
  afterEach(() => workspace.remove());

  const drop = async (id: string, content: string | Buffer): Promise<DocumentRef> => {
    const { size, mtimeMs } = await stat(await workspace.drop(id, content));
    return { id, size, mtimeMs };
  };
  const count = (documents: readonly DocumentRef[], changes: Partial<PromptSettings> = {}) => {
    const settings = { inbox: workspace.inbox(), maxBytes: 10_000, recipes: recipesOf(), countTokens: countWords };
    return countPrompts(documents, { ...settings, ...changes });
  };

  test('a small inbox is counted whole', async () => {
    const documents = [await drop('a.txt', 'one two three'), await drop('b.txt', 'four')];
    expect(await count(documents)).toEqual({ tokens: 4 + 2 * AROUND, counted: { documents: 2, bytes: 17 } });
  });

  test('with what the recipe says to each', async () => {
    const documents = [await drop('a.txt', 'one'), await drop('b.txt', 'two three')];
    const { tokens } = await count(documents, { recipes: recipesOf({}, 'Sum it up.') });
    expect(tokens).toBe(3 + 2 * (AROUND + 3 + 4));
  });

  test('of many some are counted, and all estimated by their bytes', async () => {
    const documents: DocumentRef[] = [];
    for (let index = 0; index < 20; index += 1) documents.push(await drop(`${index}.txt`, 'word '.repeat(10 + index)));
    const counted = await count(documents, { most: { documents: 4, bytes: 10_000 } });
    expect(counted).toEqual({ tokens: 390 + 20 * AROUND, counted: { documents: 4, bytes: 5 * 78 } });
  });

  test('of large ones the beginning is counted', async () => {
    const documents = [await drop('a.txt', 'word '.repeat(1000)), await drop('b.txt', 'word '.repeat(1000))];
    const { tokens, counted } = await count(documents, { most: { documents: 2, bytes: 1000 } });
    expect(counted).toEqual({ documents: 2, bytes: 1000 });
    expect(tokens).toBe(2000 + 2 * AROUND);
  });

  test('what cannot be sent costs nothing', async () => {
    const binary = await drop('b.bin', Buffer.from([0, 1, 2, 3]));
    expect(await count([binary])).toEqual({ tokens: 0, counted: { documents: 1, bytes: 4 } });
  });

  test('of nothing comes nothing', async () => {
    expect(await count([])).toEqual({ tokens: 0, counted: { documents: 0, bytes: 0 } });
  });
});
