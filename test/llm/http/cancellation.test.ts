import { describe, expect, test } from '@jest/globals';
import { Cancellation } from '../../../src/llm/http/timers.ts';

describe('a cancellation', () => {
  test('tells all who listen, once', () => {
    const cancellation = new Cancellation();
    const told: string[] = [];
    cancellation.addEventListener('abort', () => told.push('one'));
    cancellation.addEventListener('abort', () => told.push('other'));
    expect(cancellation.aborted).toBe(false);
    cancellation.abort();
    cancellation.abort();
    expect(cancellation.aborted).toBe(true);
    expect(told).toEqual(['one', 'other']);
  });

  test('tells nobody who listens no longer', () => {
    const cancellation = new Cancellation();
    const told: string[] = [];
    const listener = () => told.push('one');
    cancellation.addEventListener('abort', listener);
    cancellation.removeEventListener('abort', listener);
    cancellation.abort();
    expect(told).toEqual([]);
  });
});
