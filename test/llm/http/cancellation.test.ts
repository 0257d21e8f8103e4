import { describe, expect, test } from '@jest/globals';
import { Cancellation } from '../../../src/llm/http/client.ts';

describe('a cancellation', () => {
  test('calls all listeners, once', () => {
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

  test('calls no listener that was removed', () => {
    const cancellation = new Cancellation();
    const told: string[] = [];
    const listener = () => told.push('one');
    cancellation.addEventListener('abort', listener);
    cancellation.removeEventListener('abort', listener);
    cancellation.abort();
    expect(told).toEqual([]);
  });
});
