import { expect, test } from '@jest/globals';
import { WorkSlots } from '../../src/simulator/state.ts';

/** WorkSlots, the names of those that were started, and a way to enter that returns how to leave. */
function slotsWithNames(limit?: number) {
  const slots = new WorkSlots();
  if (limit !== undefined) slots.setLimit(limit);
  const started: string[] = [];
  return { slots, started, enter: (name: string) => slots.enter(() => started.push(name)) };
}

test('starts all at once without a limit', () => {
  const { started, enter } = slotsWithNames();
  enter('a');
  enter('b');
  expect(started).toEqual(['a', 'b']);
});

test('starts waiting calls in order of arrival, as others leave', () => {
  const { started, enter } = slotsWithNames(2);
  const [leaveA, leaveB] = [enter('a'), enter('b')];
  enter('c');
  enter('d');
  expect(started).toEqual(['a', 'b']);
  leaveB();
  expect(started).toEqual(['a', 'b', 'c']);
  leaveA();
  expect(started).toEqual(['a', 'b', 'c', 'd']);
});

test('never starts a call that left while it waited, and keeps no slot for it', () => {
  const { started, enter } = slotsWithNames(1);
  const leaveA = enter('a');
  const leaveB = enter('b');
  enter('c');
  leaveB();
  leaveA();
  expect(started).toEqual(['a', 'c']);
});

test('a higher limit starts waiting calls; a lower one stops none', () => {
  const { slots, started, enter } = slotsWithNames(1);
  const leaveA = enter('a');
  const leaveB = enter('b');
  enter('c');
  slots.setLimit(2);
  expect(started).toEqual(['a', 'b']);
  slots.setLimit(1);
  leaveA();
  expect(started).toEqual(['a', 'b']);
  leaveB();
  expect(started).toEqual(['a', 'b', 'c']);
});
