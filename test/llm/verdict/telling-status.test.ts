import { expect, test } from '@jest/globals';
import { readReportedError, tellingStatus } from '../../../src/llm/verdict/reported-error.ts';

test.each([
  [429, { code: 500 }, 429],
  [302, null, 302],
  [200, null, 200],
  [200, { code: 402 }, 402],
  [299, { code: '503' }, 503],
  [200, { code: 200 }, 500],
  [200, { code: 'server_error' }, 500],
  [null, null, null],
])('HTTP %s with the error %j is judged as %s', (status, error, telling) => {
  expect(tellingStatus(status, readReportedError(error))).toBe(telling);
});
