import { expect, test } from '@jest/globals';
import { formatRecordLine, parseRecordLine } from '../../src/ledger/record-line.ts';
import { recordOf } from './support.ts';

const same = (text: string) => text;

test.each([
  ['a', recordOf(1)],
  ['new\nline "and" 😀', recordOf(0, { state: 'failed', sha256: null })],
  ['a', null],
])('what is written is read: %j', (id, record) => {
  const line = formatRecordLine({ id, record });
  expect(line.indexOf('\n')).toBe(line.length - 1);
  expect(parseRecordLine(line.trimEnd(), same)).toEqual({ id, record });
});

test('a field that a later version adds does no harm', () => {
  const line = JSON.stringify({ id: 'a', ...recordOf(1), later: true });
  expect(parseRecordLine(line, same)).toEqual({ id: 'a', record: recordOf(1) });
});

test.each([
  '',
  '{"id":"a","state":"do',
  'null',
  '[]',
  '7',
  '{}',
  JSON.stringify({ id: 7, ...recordOf(1) }),
  JSON.stringify({ id: 'a', ...recordOf(1), state: 'lost' }),
  JSON.stringify({ id: 'a', ...recordOf(1), size: '1' }),
  JSON.stringify({ id: 'a', ...recordOf(1), mtimeMs: null }),
  JSON.stringify({ id: 'a', ...recordOf(1), sha256: 7 }),
  JSON.stringify({ id: 'a', ...recordOf(1), api: undefined }),
])('a damaged line is known as one: %s', (line) => {
  expect(parseRecordLine(line, same)).toBeNull();
});
