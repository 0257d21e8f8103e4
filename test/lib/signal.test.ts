import { expect, test } from '@jest/globals';
import { TestScheduler } from 'rxjs/testing';
import { Signal, sleep } from '../../src/lib/signal.ts';

test('each listener is called once, with what came first', () => {
  const signal = new Signal<string>();
  const heard: string[] = [];
  signal.on((value) => heard.push(`early ${value}`));
  const off = signal.on((value) => heard.push(`gone ${value}`));
  off();
  expect(signal.happened).toBe(false);
  signal.fire('one');
  signal.fire('two');
  signal.on((value) => heard.push(`late ${value}`));
  expect(signal.happened).toBe(true);
  expect(heard).toEqual(['early one', 'late one']);
});

test('a sleep lasts its time, or until the signal', async () => {
  const scheduler = new TestScheduler(() => undefined);
  const clock = { scheduler, now: () => scheduler.now(), wall: () => scheduler.now() };
  const signal = new Signal();
  const slept = sleep(clock, 10, signal);
  const woken = sleep(clock, 1000, signal);
  scheduler.maxFrames = 10;
  scheduler.flush();
  expect(await slept).toBe(true);
  signal.fire();
  expect(await woken).toBe(false);
  expect(scheduler.actions.some(({ closed }) => !closed)).toBe(false);
});
