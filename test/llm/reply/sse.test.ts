import { expect, test } from '@jest/globals';
import { createSseParser } from '../../../src/llm/reply/parse.ts';

/** The events of these bytes, cut into pieces of this many bytes. */
function parse(text: string, pieceLength = Number.POSITIVE_INFINITY): string[] {
  const bytes = Buffer.from(text);
  const seen: string[] = [];
  const parser = createSseParser((data) => seen.push(data));
  for (let start = 0; start < bytes.length; start += pieceLength)
    parser.push(bytes.subarray(start, start + pieceLength));
  parser.end();
  return seen;
}

const ROWS: readonly [string, string, readonly string[]][] = [
  ['nothing', '', []],
  ['one event', 'data: a\n\n', ['a']],
  ['CRLF', 'data: a\r\n\r\ndata: b\r\n\r\n', ['a', 'b']],
  ['CR alone', 'data: a\r\rdata: b\r\r', ['a', 'b']],
  ['mixed line ends', 'data: a\r\n\ndata: b\n\r\ndata: c\r\r\n', ['a', 'b', 'c']],
  ['no blank after the colon', 'data:a\n\n', ['a']],
  ['only the first blank is taken', 'data:  a \n\n', [' a ']],
  ['several data lines', 'data: {"a":\ndata: 1}\n\n', ['{"a":\n1}']],
  ['comments', ': OPENROUTER PROCESSING\n\n: again\ndata: a\n: within\n\n', ['a']],
  ['other fields', 'event: message\nid: 7\nretry: 10\ndata: a\n\nnonsense\n\n', ['a']],
  ['empty data, also without a colon', 'data:\n\ndata\n\n', ['', '']],
  ['no final newline', 'data: a\n\ndata: b', ['a', 'b']],
  ['one final newline', 'data: a\n', ['a']],
  ['blank lines between', '\n\n\ndata: a\n\n\n\n', ['a']],
  ['letters of several bytes', 'data: Ærø – 港 🚢\n\n', ['Ærø – 港 🚢']],
  ['the end mark', 'data: a\n\ndata: [DONE]\n\n', ['a', '[DONE]']],
];

test.each(ROWS)('%s: whole and cut anywhere', (_, text, events) => {
  for (const pieceLength of [Number.POSITIVE_INFINITY, 1, 2, 3, 5, 7]) expect(parse(text, pieceLength)).toEqual(events);
});

test('a line of 8 MB in small pieces comes whole', () => {
  const long = 'x'.repeat(8 * 1024 * 1024);
  expect(parse(`data: ${long}\n\n`, 16 * 1024)).toEqual([long]);
});
