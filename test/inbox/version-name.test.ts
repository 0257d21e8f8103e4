import { expect, test } from '@jest/globals';
import { versionName } from '../../src/inbox/archive.ts';

const SHA256 = '1a2b3c4d5e6f';

test.each([
  ['a', 'a-1a2b3c4d'],
  ['a.txt', 'a-1a2b3c4d.txt'],
  ['q1/deep/report.final.pdf', 'q1/deep/report.final-1a2b3c4d.pdf'],
  ['a.', 'a-1a2b3c4d.'],
  ['see. and then the rest', 'see. and then the rest-1a2b3c4d'],
  ['..a/..b', '..a/.-1a2b3c4d.b'],
  ['x'.repeat(255), `${'x'.repeat(246)}-1a2b3c4d`],
  [`q/${'x'.repeat(251)}.txt`, `q/${'x'.repeat(242)}-1a2b3c4d.txt`],
  ['😀'.repeat(63), `${'😀'.repeat(61)}-1a2b3c4d`],
])('%j becomes %j', (id, name) => {
  expect(versionName(id, SHA256)).toBe(name);
});
