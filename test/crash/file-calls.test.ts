import { expect, jest, test } from '@jest/globals';
import { FailingCalls } from './failing-calls.ts';

jest.setTimeout(180_000);

/** Of about 600 calls; `npm run crash` lets all of them fail. */
const STEP = 4;

test('a call to the file system that fails once loses no document, and the program does not crash', async () => {
  const calls = new FailingCalls();
  const uninstall = calls.install();
  try {
    const { failCallsInProcess } = await import('./failing-in-process.ts');
    const { cleanCalls, findings } = await failCallsInProcess(calls, STEP);
    expect(cleanCalls).toBeGreaterThan(100);
    expect(findings).toEqual([]);
  } finally {
    uninstall();
  }
});
