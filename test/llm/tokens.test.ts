import { beforeAll, describe, expect, test } from '@jest/globals';
import { isTokenizerOf, loadTokenCounter } from '../../src/llm/tokens.ts';

describe('the token counter', () => {
  let count: (text: string) => number;
  beforeAll(async () => {
    count = await loadTokenCounter();
  });

  test.each([
    ['', 0],
    ['hello world', 2],
    ['The quick brown fox jumps over the lazy dog.', 10],
    ['antidisestablishmentarianism', 6],
    ['東京都', 1],
  ])('counts %j as %d', (text, tokens) => {
    expect(count(text)).toBe(tokens);
  });

  test('takes a special token in a text for text', () => {
    expect(count('<|endoftext|>')).toBeGreaterThan(1);
  });

  test('counts a long text in pieces, and is off by next to nothing', () => {
    const sentence = 'The quick brown fox jumps over the lazy dog. ';
    const tokens = count(sentence.repeat(1000));
    expect(tokens).toBeGreaterThanOrEqual(10_000);
    expect(tokens).toBeLessThan(10_100);
  });

  test.each([
    ['letters', 'a'],
    ['blanks', ' '],
    ['ideographs', '東京都'],
  ])('a megabyte of %s without a break is counted', (_, text) => {
    expect(count(text.repeat(1_000_000 / text.length / 4))).toBeGreaterThan(0);
  });
});

test.each([
  ['openai/gpt-5-mini', true],
  ['gpt-4o-2024-08-06', true],
  ['openai/o3-mini', true],
  ['o4-mini', true],
  ['openai/gpt-oss-120b', false],
  ['openai/gpt-4-turbo', false],
  ['anthropic/claude-sonnet-4.5', false],
  ['meta-llama/llama-3.3-70b-instruct:free', false],
])('%s counts by this tokenizer: %j', (model, fits) => {
  expect(isTokenizerOf(model)).toBe(fits);
});
