import { expect, test } from '@jest/globals';
import { isTempName, TEMP_NAME_BYTES, tempName } from '../../src/outbox/atomic-writer.ts';

test('each temp file has a name of its own, as long as names are kept short for', () => {
  const names = Array.from({ length: 100 }, tempName);
  expect(new Set(names).size).toBe(100);
  expect(new Set(names.map((name) => Buffer.byteLength(name)))).toEqual(new Set([TEMP_NAME_BYTES]));
  expect(names.every(isTempName)).toBe(true);
});

test.each(['NFC', 'NFD'])('the name by which accents are tried is one, too, in %s', (form) => {
  expect(isTempName(tempName().replace('sluice', 'sluic\u00e9').normalize(form))).toBe(true);
});

test.each(['report.md', '.sluice-notes.tmp', '.sluice', `${tempName()}.md`, tempName().slice(1)])(
  'never takes %s, which may be a person’s, for one',
  (name) => {
    expect(isTempName(name)).toBe(false);
  },
);
