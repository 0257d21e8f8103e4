import { describe, expect, test } from '@jest/globals';
import { type SliceSize, splitText } from '../../../src/llm/conversation/split-text.ts';
import type { CountTokens } from '../../../src/llm/tokens.ts';
import { seeded } from '../../support/seeded.ts';
import { randomText } from './random-text.ts';
import { quarterBytes } from './support.ts';

const LONE_SURROGATE = /[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/;

const slicesOf = (text: string, tokens: number, overlap = 0, count: CountTokens = quarterBytes) => {
  let end = 0;
  return [...splitText(text, { tokens, overlap, givenUp: 1 / 2 }, count)].map(({ from, to }) => {
    const slice = { overlap: text.slice(from, end), text: text.slice(end, to) };
    end = to;
    return slice;
  });
};

const textsOf = (text: string, tokens: number) => slicesOf(text, tokens).map((slice) => slice.text);

/** Each letter is a token, and blanks are none. */
const byLetters: CountTokens = (text) => text.match(/\S/g)?.length ?? 0;

const a = (times: number) => 'a'.repeat(times);

describe('a text in slices', () => {
  test('is cut between paragraphs', () => {
    expect(textsOf('One one one.\n\nTwo two two.\n\nThree.', 4)).toEqual([
      'One one one.\n\n',
      'Two two two.\n\n',
      'Three.',
    ]);
  });

  test('else between lines, sentences and words', () => {
    expect(textsOf('aaaa bbbb\ncccc dddd', 3)).toEqual(['aaaa bbbb\n', 'cccc dddd']);
    expect(textsOf('Aaaa bb. Cccc dd.', 3)).toEqual(['Aaaa bb. ', 'Cccc dd.']);
    expect(textsOf('Aa!" 日本。日本日', 3)).toEqual(['Aa!" ', '日本。', '日本日']);
    expect(textsOf('aaaa bbbb cccc dddd', 3)).toEqual(['aaaa bbbb ', 'cccc dddd']);
  });

  test('is not cut at a border that leaves too little of a slice', () => {
    expect(textsOf('aa.\n\nbbbb bbbb cccc dddd', 5)).toEqual(['aa.\n\nbbbb bbbb cccc ', 'dddd']);
  });

  test('repeats the end of the slice before, from a word on', () => {
    const [first, second] = slicesOf('Alpha beta gamma.\n\nDelta epsilon.', 8, 3);
    expect(first).toEqual({ overlap: '', text: 'Alpha beta gamma.\n\n' });
    expect(second).toEqual({ overlap: 'gamma.\n\n', text: 'Delta epsilon.' });
  });

  test('is one slice where it fits', () => {
    expect(slicesOf('short', 100, 10)).toEqual([{ overlap: '', text: 'short' }]);
  });

  test('has one character in a slice where that alone has more tokens', () => {
    expect(textsOf('😀é', 0)).toEqual(['😀', 'é']);
    expect(slicesOf('日日', 1, 0, (text) => text.length * 3).map(({ text }) => text)).toEqual(['日', '日']);
  });

  test('random texts: the slices are the text, none too large, no character torn', () => {
    const random = seeded(11);
    for (let round = 0; round < 100; round += 1) {
      const text = randomText(random, Math.floor(random() * 3000));
      const tokens = 4 + Math.floor(random() * 100);
      const overlap = Math.floor(random() * 20);
      const slices = slicesOf(text, tokens, overlap);
      expect(slices.map((slice) => slice.text).join('')).toBe(text);
      for (const [index, slice] of slices.entries()) {
        expect(slice.overlap + slice.text).not.toMatch(LONE_SURROGATE);
        expect(quarterBytes(slice.overlap) + quarterBytes(slice.text)).toBeLessThanOrEqual(tokens);
        expect((slices[index - 1]?.text ?? '').endsWith(slice.overlap)).toBe(true);
      }
    }
  });

  test.each([
    ['a megabyte without a blank', a(1_000_000)],
    ['words', 'word '.repeat(200_000)],
    ['dense at first, then blanks', `${a(20_000)}${' '.repeat(500_000)}`],
    ['line breaks', '\n'.repeat(500_000)],
  ])('%s: what is counted does not grow faster than it', (_name, text) => {
    let counted = 0;
    const slices = slicesOf(text, 1000, 100, (piece) => {
      counted += piece.length;
      return byLetters(piece);
    });
    expect(slices.map((slice) => slice.text).join('')).toHaveLength(text.length);
    expect(counted).toBeLessThan(text.length * 15);
  });
});

const beginningOf = (text: string, tokens: number, count: CountTokens = quarterBytes) => {
  const size: SliceSize = { tokens, overlap: 0, givenUp: 1 / 10 };
  const [first] = splitText(text, size, count);
  return text.slice(0, first?.to);
};

describe('the first slice, of which little is given up', () => {
  test('is all of it where it fits', () => {
    expect(beginningOf('short', 100)).toBe('short');
  });

  test('ends at a paragraph, line or word where one is near', () => {
    expect(beginningOf(`${a(380)}\n\n${a(60)}`, 100)).toBe(`${a(380)}\n\n`);
    expect(beginningOf(`${a(380)}\n${a(60)}`, 100)).toBe(`${a(380)}\n`);
    expect(beginningOf(`${a(390)} ${a(70)}`, 100)).toBe(`${a(390)} `);
    expect(beginningOf(`${a(300)} ${a(200)}`, 100)).toBe(`${a(300)} ${a(99)}`);
    expect(beginningOf(a(500), 100)).toBe(a(400));
  });

  test('tears no character', () => {
    expect(beginningOf('😀'.repeat(50), 10)).toBe('😀'.repeat(10));
    expect(beginningOf(`a${'😀'.repeat(50)}`, 10)).toBe(`a${'😀'.repeat(9)}`);
  });

  test('random texts: a beginning, as long as it may be, more or less', () => {
    const random = seeded(5);
    for (let round = 0; round < 100; round += 1) {
      const text = randomText(random, 2000);
      const beginning = beginningOf(text, 100);
      expect(text.startsWith(beginning)).toBe(true);
      expect(quarterBytes(beginning)).toBeLessThanOrEqual(100);
      expect(quarterBytes(beginning)).toBeGreaterThan(60);
    }
  });

  test('of a text that is dense at first is found without counting the rest', () => {
    let counted = 0;
    const text = `${'ab '.repeat(3000)}${' '.repeat(500_000)}`;
    const beginning = beginningOf(text, 1000, (piece) => {
      counted += piece.length;
      return byLetters(piece);
    });
    expect(byLetters(beginning)).toBe(1000);
    expect(counted).toBeLessThan(20_000);
  });
});
