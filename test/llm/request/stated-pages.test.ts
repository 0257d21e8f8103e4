import { expect, test } from '@jest/globals';
import { statedPages } from '../../../src/llm/request/size.ts';

test.each([
  ['nothing', '%PDF-1.7 no tree', 0],
  ['the count of its root', '<</Type/Pages/Kids[3 0 R]/Count 12>>', 12],
  ['the largest of several', '/Count 3 ... /Count 1000>> ... /Count 7', 1000],
  ['a count at its very end', '/Count 5', 5],
  ['no number', '/Count /Kids', 0],
  ['what only begins alike', '/Counter 9', 0],
])('a PDF that tells %s', (_, text, pages) => {
  expect(statedPages(Buffer.from(text))).toBe(pages);
});
