import { describe, expect, test } from '@jest/globals';
import { closeAll, closedAfter, closedIfFailed } from '../../src/run/closing.ts';

const failing = (message: string) => () => Promise.reject(new Error(message));

test('what was opened last is closed first; one that fails keeps no other open, and the first error counts', async () => {
  const closed: string[] = [];
  const closers = [
    () => void closed.push('api'),
    failing('ledger'),
    async () => void closed.push('calls'),
    failing('inbox'),
  ];
  await expect(closeAll(closers)).rejects.toThrow('inbox');
  expect(closed).toEqual(['calls', 'api']);
});

describe('what fails to open', () => {
  test('is closed, and its own error counts, also if closing fails', async () => {
    let closed = 0;
    const close = async () => {
      closed += 1;
      throw new Error('not closed');
    };
    await expect(closedIfFailed(failing('the disk is full')(), close)).rejects.toThrow('the disk is full');
    expect(closed).toBe(1);
  });

  test('is closed no sooner', async () => {
    expect(await closedIfFailed(Promise.resolve('open'), failing('closed'))).toBe('open');
  });
});

describe('what is closed after its work', () => {
  test('is closed when that ended, and gives what it resolved to', async () => {
    const log: string[] = [];
    const work = Promise.resolve('done').finally(() => void log.push('worked'));
    expect(await closedAfter(work, async () => void log.push('closed'))).toBe('done');
    expect(log).toEqual(['worked', 'closed']);
  });

  test('fails with the error of the work, else with that of closing', async () => {
    await expect(closedAfter(failing('no work')(), failing('not closed'))).rejects.toThrow('no work');
    await expect(closedAfter(Promise.resolve(), failing('not closed'))).rejects.toThrow('not closed');
  });
});
