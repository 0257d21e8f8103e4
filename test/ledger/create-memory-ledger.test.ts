import { expect, test } from '@jest/globals';
import { firstValueFrom } from 'rxjs';
import { createMemoryLedger } from '../../src/ledger/create-memory-ledger.ts';
import { recordOf } from './support.ts';

test('remembers what was recorded until it is told to forget', async () => {
  const ledger = createMemoryLedger();
  const recording = ledger.record('a', recordOf(1));
  expect(ledger.recall('a')).toBeUndefined();
  await firstValueFrom(recording);
  expect(ledger.recall('a')).toEqual(recordOf(1));
  await firstValueFrom(ledger.forget('a'));
  expect(ledger.recall('a')).toBeUndefined();
});
