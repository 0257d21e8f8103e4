import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { EqualWaits } from '../../../src/llm/http/timers.ts';

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

describe('waits of one length', () => {
  test('end each at its own time, in the order in which they began', () => {
    const waits = new EqualWaits(10);
    const ended: string[] = [];
    waits.start(() => ended.push('first'));
    jest.advanceTimersByTime(4000);
    waits.start(() => ended.push('second'));
    jest.advanceTimersByTime(5999);
    expect(ended).toEqual([]);
    jest.advanceTimersByTime(1);
    expect(ended).toEqual(['first']);
    jest.advanceTimersByTime(4000);
    expect(ended).toEqual(['first', 'second']);
  });

  test('share one timer, and none stays when the last one ends', () => {
    const waits = new EqualWaits(10);
    const callbacks = Array.from({ length: 1000 }, () => () => undefined);
    for (const callback of callbacks) waits.start(callback);
    expect(jest.getTimerCount()).toBe(1);
    for (const callback of callbacks) waits.stop(callback);
    expect(jest.getTimerCount()).toBe(0);
  });

  test('that are stopped call nobody', () => {
    const waits = new EqualWaits(10);
    const ended: string[] = [];
    const stopped = () => ended.push('stopped');
    waits.start(stopped);
    waits.start(() => ended.push('other'));
    waits.stop(stopped);
    jest.advanceTimersByTime(10_000);
    expect(ended).toEqual(['other']);
  });

  test('begin anew where they are started again', () => {
    const waits = new EqualWaits(10);
    const ended: string[] = [];
    const again = () => ended.push('again');
    waits.start(again);
    waits.start(() => ended.push('other'));
    jest.advanceTimersByTime(9000);
    waits.start(again);
    jest.advanceTimersByTime(9000);
    expect(ended).toEqual(['other']);
    jest.advanceTimersByTime(1000);
    expect(ended).toEqual(['other', 'again']);
  });

  test('may start and stop others as they end', () => {
    const waits = new EqualWaits(10);
    const ended: string[] = [];
    const next = () => ended.push('next');
    const stopped = () => ended.push('stopped');
    waits.start(() => {
      ended.push('first');
      waits.stop(stopped);
      waits.start(next);
    });
    waits.start(stopped);
    jest.advanceTimersByTime(10_000);
    expect(ended).toEqual(['first']);
    jest.advanceTimersByTime(10_000);
    expect(ended).toEqual(['first', 'next']);
    expect(jest.getTimerCount()).toBe(0);
  });

  test('of a thousand years do not end at once', () => {
    const waits = new EqualWaits(1e12);
    const ended: string[] = [];
    waits.start(() => ended.push('early'));
    jest.advanceTimersByTime(86_400_000);
    expect(ended).toEqual([]);
  });
});
