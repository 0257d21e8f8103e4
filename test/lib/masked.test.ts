import { expect, test } from '@jest/globals';
import { masked } from '../../src/lib/text.ts';

test.each([
  ['http://host:1/api/v1', 'http://host:1/api/v1'],
  ['abc', 'abc'],
  ['http://host/v1?key=sk-secret', 'http://host/v1?***'],
  ['http://host/v1#sk-secret', 'http://host/v1#***'],
  ['http://me:sk-secret@host/v1', 'http://***'],
  ['ftp://me:p/a?s#s@host', 'ftp://***'],
  ['me:sk-secret@host', '***'],
])('%s is shown as %s', (given, shown) => {
  expect(masked(given)).toBe(shown);
});
