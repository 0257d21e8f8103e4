import { describe, expect, test } from '@jest/globals';
import { sampleDocuments } from '../../../src/cli/plan/prompts.ts';
import { recipeOf } from '../scenes.ts';

/** So many documents of a kind, all of 10 bytes. */
function documentsOf(kinds: Readonly<Record<string, number>>) {
  return Object.entries(kinds).flatMap(([ending, count]) =>
    Array.from({ length: count }, (_, index) => ({
      id: `${index}.${ending}`,
      size: 10,
      mtimeMs: 0,
      recipe: recipeOf(),
    })),
  );
}

function sizesOf(kinds: Readonly<Record<string, number>>, most: Parameters<typeof sampleDocuments>[1]) {
  return sampleDocuments(documentsOf(kinds), most).map(({ sample }) => sample.length);
}

describe('sampleDocuments', () => {
  test.each([
    ['as few as there are: all', { txt: 3, pdf: 2 }, { documents: 5, bytes: 50 }, [3, 2]],
    ['many: by their shares', { txt: 300, pdf: 100 }, { documents: 42, bytes: 10_000 }, [31, 11]],
    ['a few among many: one at least', { txt: 300, pdf: 1 }, { documents: 30, bytes: 10_000 }, [28, 1]],
    ['large ones: fewer', { txt: 10, pdf: 2 }, { documents: 12, bytes: 60 }, [5, 1]],
    ['very large ones: one of each', { txt: 10, pdf: 2 }, { documents: 12, bytes: 1 }, [1, 1]],
    [
      'more kinds than are looked into: none of some',
      { txt: 5, pdf: 5, png: 5 },
      { documents: 2, bytes: 50 },
      [1, 1, 0],
    ],
  ])('of %s', (_, kinds, most, sizes) => {
    expect(sizesOf(kinds, most)).toEqual(sizes);
  });
});
