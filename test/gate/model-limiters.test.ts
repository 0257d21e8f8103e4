import { describe, expect, test } from '@jest/globals';
import type { Ticket } from '../../src/domain/ports.ts';
import { ModelLimiters } from '../../src/gate/model-limiter.ts';
import { fresh } from './with-gate.ts';

const ticket: Ticket = { ...fresh, model: 'a' };

function limiters(): ModelLimiters {
  return new ModelLimiters({ start: 4, ceiling: 4, watchesLatency: false });
}

function standInLine(all: ModelLimiters, changes: Partial<Ticket>): void {
  const waiting = { ...ticket, ...changes };
  all.of(waiting).queue.add({ ticket: waiting, grant: () => undefined, refuse: () => undefined });
}

describe('ModelLimiters', () => {
  test('there is one for each API and model', () => {
    const all = limiters();
    const sameModel = { ...ticket, repeated: true };
    expect(all.of(ticket)).toBe(all.of(sameModel));
    expect(all.of(ticket)).not.toBe(all.of({ ...ticket, api: 'other' }));
    expect(all.of(ticket)).not.toBe(all.of({ ...ticket, model: 'b' }));
    expect(all.to('a')).toHaveLength(2);
  });

  test('take turns', () => {
    const all = limiters();
    standInLine(all, { model: 'a' });
    standInLine(all, { model: 'b' });
    const first = all.next(true, () => true);
    expect(first?.model).toBe('a');
    if (first !== null) all.hadItsTurn(first);
    expect(all.next(true, () => true)?.model).toBe('b');
  });

  test('one with a repeated attempt goes first if those may', () => {
    const all = limiters();
    standInLine(all, { model: 'a' });
    standInLine(all, { model: 'b', repeated: true });
    expect(all.next(true, () => true)?.model).toBe('b');
    expect(all.next(false, () => true)?.model).toBe('a');
  });

  test('none is next if none has a slot', () => {
    const all = limiters();
    standInLine(all, {});
    expect(all.next(true, () => false)).toBeNull();
  });

  test('the next moment is that of the first one in which a document waits for a time', () => {
    const all = limiters();
    all.of({ ...ticket, model: 'idle' }).cooldown.extend(10);
    all.of(ticket).cooldown.extend(50);
    expect(all.nextMoment(0)).toBe(Number.POSITIVE_INFINITY);
    standInLine(all, {});
    expect([all.nextMoment(0), all.nextMoment(50)]).toEqual([50, Number.POSITIVE_INFINITY]);
  });
});
