import { describe, expect, test } from '@jest/globals';
import type { Ticket } from '../../src/domain/ports.ts';
import { Lanes } from '../../src/gate/model-limiters.ts';
import { fresh } from './with-gate.ts';

const ticket: Ticket = { ...fresh, model: 'a' };

function lanes(): Lanes {
  return new Lanes({ start: 4, ceiling: 4, heedsLatency: false });
}

function standInLine(all: Lanes, changes: Partial<Ticket>): void {
  const waiting = { ...ticket, ...changes };
  all.of(waiting).line.add({ ticket: waiting, grant: () => undefined, refuse: () => undefined });
}

describe('Lanes', () => {
  test('there is one for each API and model', () => {
    const all = lanes();
    expect(all.of(ticket)).toBe(all.of({ ...ticket, folder: 'q1', repeated: true }));
    expect(all.of(ticket)).not.toBe(all.of({ ...ticket, api: 'other' }));
    expect(all.of(ticket)).not.toBe(all.of({ ...ticket, model: 'b' }));
    expect(all.to('a')).toHaveLength(2);
  });

  test('take turns', () => {
    const all = lanes();
    standInLine(all, { model: 'a' });
    standInLine(all, { model: 'b' });
    const first = all.next(true, () => true)?.lane;
    expect(first?.model).toBe('a');
    if (first !== undefined) all.hadItsTurn(first);
    expect(all.next(true, () => true)?.lane.model).toBe('b');
  });

  test('a lane with a repeated attempt goes first where those may', () => {
    const all = lanes();
    standInLine(all, { model: 'a' });
    standInLine(all, { model: 'b', repeated: true });
    expect(all.next(true, () => true)?.lane.model).toBe('b');
    expect(all.next(false, () => true)?.lane.model).toBe('a');
  });

  test('nobody is next where no lane has a seat', () => {
    const all = lanes();
    standInLine(all, {});
    expect(all.next(true, () => false)).toBeNull();
  });

  test('the next moment is that of the first lane in which somebody waits for a time', () => {
    const all = lanes();
    all.of({ ...ticket, model: 'idle' }).cooldown.extend(10);
    all.of(ticket).cooldown.extend(50);
    expect(all.nextMoment(0)).toBe(Number.POSITIVE_INFINITY);
    standInLine(all, {});
    expect([all.nextMoment(0), all.nextMoment(50)]).toEqual([50, Number.POSITIVE_INFINITY]);
  });
});
