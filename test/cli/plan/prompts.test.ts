import { unlink } from 'node:fs/promises';
import { describe, expect, test } from '@jest/globals';
import type { PlannedDocument } from '../../../src/cli/plan/documents.ts';
import { estimatePrompts, type KindEstimate, type PromptSettings } from '../../../src/cli/plan/prompts.ts';
import { createConverter } from '../../../src/inbox/convert/converter.ts';
import { png } from '../../inbox/convert/media-files.ts';
import { docx, docxParagraph } from '../../inbox/convert/office-files.ts';
import { pdfFile } from '../../inbox/convert/pdf-file.ts';
import { modelsKnowing, type RecipeFields, recipeOf, scenes } from '../scenes.ts';

/** A token a word. */
const countWords = (text: string): number => text.split(/\s+/).filter((word) => word !== '').length;

/** What the message of the document and the beginning of the answer add. */
const AROUND = 7;

const most = { documents: 200, bytes: 1_000_000, counted: 100_000 };

describe('estimatePrompts', () => {
  const scene = scenes();
  const drop = async (id: string, content: string | Buffer, recipe: RecipeFields = {}): Promise<PlannedDocument> => {
    const { document } = await scene.drop(id, content);
    return { ...document, recipe: recipeOf(recipe) };
  };
  const estimates = (documents: readonly PlannedDocument[], changes: Partial<PromptSettings> = {}) =>
    estimatePrompts(documents, {
      inbox: scene.workspace.inbox(),
      maxBytes: 100_000,
      maxTokens: 500,
      converter: createConverter({ worker: null }),
      models: modelsKnowing(),
      countTokens: countWords,
      most,
      ...changes,
    });
  /** Of documents that are all of one kind. */
  const estimate = async (documents: readonly PlannedDocument[], changes: Partial<PromptSettings> = {}) => {
    const [only, ...others] = await estimates(documents, changes);
    if (only === undefined || others.length > 0) throw new Error('they are not of one kind');
    return { ...only, refusals: Object.fromEntries(only.refusals) };
  };

  test('a small inbox is counted whole', async () => {
    const documents = [await drop('a.txt', 'one two three'), await drop('b.txt', 'four')];
    expect(await estimate(documents)).toMatchObject({
      documents: 2,
      bytes: 17,
      refusals: {},
      counted: { documents: 2, bytes: 17 },
      totals: { requests: 2, answersRead: 0, textTokens: 4 + 2 * AROUND, mediaTokens: 0, mediaTokensAtMost: 0 },
      maxTokens: 500,
    });
  });

  test('counts what the recipe says to each', async () => {
    const recipe = { system: 'Sum it up.' };
    const documents = [await drop('a.txt', 'one', recipe), await drop('b.txt', 'two three', recipe)];
    expect((await estimate(documents)).totals.textTokens).toBe(3 + 2 * (AROUND + 3 + 4));
  });

  test('some of many are counted, and all estimated by their bytes', async () => {
    const documents: PlannedDocument[] = [];
    for (let index = 0; index < 20; index += 1) documents.push(await drop(`${index}.txt`, 'word '.repeat(10 + index)));
    expect(await estimate(documents, { most: { ...most, documents: 4 } })).toMatchObject({
      documents: 20,
      counted: { documents: 4, bytes: 5 * 78 },
      totals: { requests: 20, textTokens: 390 + 20 * AROUND },
    });
  });

  test('fewer large ones are read, and only the beginning of what is read is counted', async () => {
    const documents: PlannedDocument[] = [];
    for (const id of ['a', 'b', 'c', 'd']) documents.push(await drop(`${id}.txt`, 'word '.repeat(1000)));
    const counted = { ...most, counted: 1000 };
    expect(await estimate(documents, { most: counted })).toMatchObject({
      counted: { documents: 4, bytes: 1000 },
      totals: { textTokens: 4000 + 4 * AROUND },
    });
    expect(await estimate(documents, { most: { ...most, bytes: 10_000 } })).toMatchObject({
      counted: { documents: 2, bytes: 10_000 },
      totals: { textTokens: 4000 + 4 * AROUND },
    });
  });

  test('each kind is estimated by its own', async () => {
    const documents = [
      await drop('a.txt', 'one two'),
      await drop('b.TXT', 'three'),
      await drop('c.md', 'four'),
      await drop('d.txt', 'five', { name: 'another.md' }),
    ];
    const kinds = await estimates(documents);
    expect(kinds.map(({ asked }) => asked.map(({ id }) => id))).toEqual([['a.txt', 'b.TXT'], ['c.md'], ['d.txt']]);
  });

  test('the text of converted documents counts', async () => {
    const document = await drop('a.docx', docx(docxParagraph('one two three')));
    const { totals, counted } = await estimate([document]);
    expect([totals.textTokens, counted.bytes]).toEqual([3 + AROUND, document.size]);
  });

  test('images and PDFs are estimated, and nothing of them is counted', async () => {
    const image = await estimate([await drop('a.png', png(20))]);
    expect(image.counted).toEqual({ documents: 1, bytes: 0 });
    expect(image.totals).toMatchObject({ textTokens: AROUND, mediaTokens: 1500, mediaTokensAtMost: 20_000 });
    const document = await drop('a.pdf', pdfFile(['one two']));
    const { mediaTokens, mediaTokensAtMost } = (await estimate([document])).totals;
    expect(mediaTokens).toBeGreaterThanOrEqual(2500);
    expect(mediaTokensAtMost).toBe(8000 + document.size);
  });

  test('no prompt is longer than what its model takes', async () => {
    const { totals } = await estimate([await drop('a.png', png(20))], {
      models: modelsKnowing({ contextTokens: 4096 }),
    });
    expect(totals).toMatchObject({ mediaTokens: 1500, mediaTokensAtMost: 4096 });
  });

  test('a PDF whose text is taken out is counted', async () => {
    const { totals } = await estimate([await drop('a.pdf', pdfFile(['one two']), { handling: { pdf: 'text' } })]);
    // With the line above its page.
    expect(totals).toMatchObject({ textTokens: 8 + AROUND, mediaTokens: 0 });
  });

  test('what a run would refuse costs nothing, and the reasons are counted', async () => {
    const models = modelsKnowing({ inputs: ['text'], contextTokens: 2000 });
    const documents = [
      await drop('zeros.bin', Buffer.alloc(100)),
      await drop('image.png', png(20)),
      await drop('long.txt', 'word '.repeat(9000)),
      await drop('blank.md', ' \n'),
    ];
    const kinds = await estimates(documents, { models });
    expect(refusalsOf(kinds)).toEqual({ 'not-text': 1, 'unsupported-input': 1, 'too-long': 1, blank: 1 });
    for (const { documents: asked, totals } of kinds)
      expect([asked, totals.requests, totals.textTokens]).toEqual([0, 0, 0]);
  });

  test('as large a share of those that are not looked into is taken to be refused', async () => {
    const documents: PlannedDocument[] = [];
    for (let index = 0; index < 40; index += 1)
      documents.push(await drop(`${index}.txt`, index < 20 ? ' '.repeat(10) : 'word '.repeat(4)));
    const kind = await estimate(documents, { most: { ...most, documents: 10 } });
    expect(kind).toMatchObject({ documents: 20, refusals: { blank: 20 }, counted: { documents: 5 } });
    expect(kind.asked).toHaveLength(35);
  });

  test('a document that is asked in parts takes several requests, and one that combines their answers', async () => {
    const models = modelsKnowing({ contextTokens: 4000 });
    const split = { tokens: null, overlap: 0, combine: 'Make one of them.' };
    const text = 'word '.repeat(6000);
    const parts = await drop('a.txt', text, { handling: { onTooLong: 'split' } });
    const { requests, textTokens } = (await estimate([parts], { models })).totals;
    expect(requests).toBeGreaterThan(1);
    expect(textTokens).toBe(6000 + requests * AROUND);
    const combined = await drop('a.txt', text, { handling: { onTooLong: 'split', split } });
    expect((await estimate([combined], { models })).totals).toMatchObject({
      requests: requests + 1,
      answersRead: requests,
    });
  });

  test('a document that is gone is estimated by the others', async () => {
    const documents = [await drop('a.txt', 'one two'), await drop('b.txt', 'one two')];
    await unlink(scene.workspace.inbox('b.txt'));
    expect(await estimate(documents)).toMatchObject({
      documents: 2,
      counted: { documents: 1 },
      totals: { textTokens: 2 * (2 + AROUND) },
    });
  });

  test('no documents have no estimate', async () => {
    expect(await estimates([])).toEqual([]);
  });
});

function refusalsOf(kinds: readonly KindEstimate[]) {
  return Object.fromEntries(kinds.flatMap((kind) => [...kind.refusals]));
}
