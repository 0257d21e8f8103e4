import { expect, test } from '@jest/globals';
import { lastValueFrom, tap, toArray } from 'rxjs';
import { emitting } from '../../src/lib/operators.ts';

test('what an async function emits is a stream that ends with it', async () => {
  const work = emitting<number>(async (emit) => {
    emit(1);
    await Promise.resolve();
    emit(2);
  });
  expect(await lastValueFrom(work.pipe(toArray()))).toEqual([1, 2]);
});

test('what it rejects with is an error of the stream', async () => {
  const seen: unknown[] = [];
  const work = emitting<number>(async (emit) => {
    emit(1);
    throw new Error('broken');
  });
  await expect(lastValueFrom(work.pipe(tap((value) => seen.push(value))))).rejects.toThrow('broken');
  expect(seen).toEqual([1]);
});

test('it starts with each subscription, and goes on unheard after that ends', async () => {
  const steps: string[] = [];
  const work = emitting<string>(async (emit) => {
    steps.push('start');
    await Promise.resolve();
    steps.push('end');
    emit('unheard');
  });
  expect(steps).toEqual([]);
  work.subscribe(() => steps.push('heard')).unsubscribe();
  await new Promise(setImmediate);
  expect(steps).toEqual(['start', 'end']);
});
