import { describe, expect, test } from '@jest/globals';
import { type Waiter, WaitingLine } from '../../src/gate/wait-queue.ts';
import { fresh as ticket } from './with-gate.ts';

function waiter(repeated: boolean, refused: Waiter[] = []): Waiter {
  const made: Waiter = {
    ticket: { ...ticket, repeated },
    grant: () => undefined,
    refuse: () => void refused.push(made),
  };
  return made;
}

describe('WaitingLine', () => {
  test('serves repeated attempts before fresh documents, each in order of arrival', () => {
    const line = new WaitingLine();
    const [fresh1, fresh2, repeated1, repeated2] = [waiter(false), waiter(false), waiter(true), waiter(true)];
    for (const each of [fresh1, repeated1, fresh2, repeated2]) line.add(each);
    const served: (Waiter | undefined)[] = [];
    for (let next = line.next(true); next !== undefined; next = line.next(true)) {
      served.push(next);
      line.delete(next);
    }
    expect(served).toEqual([repeated1, repeated2, fresh1, fresh2]);
  });

  test('serves fresh documents first when repeated ones hold their share, but nobody waits for nothing', () => {
    const line = new WaitingLine();
    const [fresh, repeated] = [waiter(false), waiter(true)];
    line.add(repeated);
    expect(line.next(false)).toBe(repeated);
    line.add(fresh);
    expect(line.next(false)).toBe(fresh);
  });

  test('sends everybody away', () => {
    const line = new WaitingLine();
    const refused: Waiter[] = [];
    const [fresh, repeated] = [waiter(false, refused), waiter(true, refused)];
    line.add(fresh);
    line.add(repeated);
    expect([line.size, line.hasRepeated]).toEqual([2, true]);
    line.sendAway();
    expect(refused).toEqual([repeated, fresh]);
    expect([line.size, line.hasRepeated]).toEqual([0, false]);
    expect(line.next(true)).toBeUndefined();
  });
});
