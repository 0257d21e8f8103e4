import { describe, expect, test } from '@jest/globals';
import { DiskError, PathError } from '../../src/domain/errors.ts';
import type { PipelineEvent } from '../../src/domain/events.ts';
import { doChore } from '../../src/pipeline/chores.ts';
import type { Chore } from '../../src/pipeline/work-item.ts';
import { type PromiseTime, promiseTime } from '../support/virtual-time.ts';
import { document, identity } from './in-memory.ts';
import { type ContextInMemory, content, contextInMemory, recordOfA } from './ports-in-memory.ts';

/** What is reported when a chore is done, with folders and ledger as `arrange` makes them. */
async function done(
  chore: Chore,
  arrange: (context: ContextInMemory, time: PromiseTime) => unknown = () => undefined,
): Promise<{
  readonly events: readonly PipelineEvent[];
  readonly gate: readonly string[];
  readonly context: ContextInMemory;
}> {
  const time = promiseTime();
  const context = contextInMemory(time.clock, {}, { after: 'archive' });
  const events: PipelineEvent[] = [];
  const gate: string[] = [];
  context.gate.events.subscribe(({ type }) => void gate.push(`${time.clock.now()} ${type}`));
  await arrange(context, time);
  const doing = doChore(context, chore, (event) => void events.push(event));
  await time.play();
  await doing;
  return { events, gate, context };
}

const release: Chore = { kind: 'release', key: 'release a', document: document('a') };

const answered = ({ ledger }: ContextInMemory) =>
  ledger.settle({
    ...content,
    api: 'api',
    recipe: identity,
    fingerprint: 'f',
    reused: false,
    readers: [],
    state: 'done',
    result: 'a.md',
  });

describe('an input that is to go', () => {
  test('goes where its very bytes were answered', async () => {
    const { events } = await done(release, answered);
    expect(events).toEqual([{ type: 'document-departed', id: 'a', to: 'a' }]);
  });

  test('stays where the ledger knows no answer to it', async () => {
    expect((await done(release)).events).toEqual([]);
  });

  test('stays where it changed since it was answered', async () => {
    const { events } = await done(release, async (context) => {
      await answered(context);
      const changed = { ...content, sha256: 'a#2' };
      Object.assign(context.inbox, { read: async () => ({ kind: 'read', content: changed }) });
    });
    expect(events).toEqual([]);
  });

  test('is not reported where it is no longer there', async () => {
    const { events } = await done(release, async (context) => {
      await answered(context);
      Object.assign(context.inbox, { read: async () => ({ kind: 'gone' }) });
    });
    expect(events).toEqual([]);
  });

  test('stays where it cannot go, and that is reported', async () => {
    const { events } = await done(release, async (context) => {
      await answered(context);
      Object.assign(context.inbox, { release: () => Promise.reject(new DiskError('full')) });
    });
    expect(events).toEqual([{ type: 'run-noted', level: 'warn', message: 'a stays in the inbox: full' }]);
  });

  test('takes its share of the memory while it is read, and gives it back', async () => {
    const large = { ...document('a'), size: 60 * 1024 * 1024 };
    const { context } = await done({ ...release, document: large }, answered);
    let granted = 0;
    await Promise.resolve(context.memory.lease(large.size, context.closing)).then(() => (granted += 1));
    expect(granted).toBe(1);
  });
});

describe('a result that was found in the outbox', () => {
  const settlement = {
    document: document('a'),
    api: 'api',
    recipe: null,
    fingerprint: null,
    sha256: null,
    reused: false,
    readers: [],
    state: 'done',
    result: 'a.md',
  } as const;
  const record: Chore = { kind: 'record', key: 'record the result of a', settlement };

  test('is known to the ledger from then on', async () => {
    const { context, events } = await done(record);
    expect(context.ledger.recall('a')).toEqual(recordOfA({ recipe: null }));
    expect(events).toEqual([]);
  });

  test('is recorded when the ledger no longer refuses, and calls are paused meanwhile', async () => {
    const { context, gate } = await done(record, ({ ledger }) => {
      ledger.refusals = 2;
    });
    expect(context.ledger.written).toEqual(['done a']);
    expect(gate).toEqual(['0 gate-paused', '2000 gate-resumed']);
  });

  test('is left to the next run where this one is cut off before', async () => {
    const { context, events } = await done(record, ({ ledger, gate }, time) => {
      ledger.refusals = 1000;
      time.schedule(() => gate.cut(), 2500);
    });
    expect(context.ledger.written).toEqual([]);
    expect(events).toEqual([]);
  });

  test('that cannot be recorded for a mistake of the program is reported', async () => {
    const { events } = await done(record, ({ ledger }) => {
      Object.assign(ledger, { settle: () => Promise.reject(new TypeError('a mistake')) });
    });
    expect(events).toEqual([
      { type: 'run-noted', level: 'warn', message: 'could not record the result of a: a mistake' },
    ]);
  });
});

const looking = (look: () => unknown): Chore => ({ kind: 'look', key: 'look into the outbox', look });
const refusedTimes = (times: number) => {
  let left = times;
  return (): void => {
    left -= 1;
    if (left >= 0) throw new DiskError('the outbox is gone');
  };
};

function barred(): never {
  throw new PathError('closed');
}

describe('a look that the disk refused', () => {
  test('is repeated until the disk tells, and calls are paused meanwhile', async () => {
    const { gate, events } = await done(looking(refusedTimes(2)));
    expect(gate).toEqual(['0 gate-paused', '2000 gate-resumed']);
    expect(events).toEqual([]);
  });

  test('is given up where the run ends', async () => {
    const { gate, events } = await done(looking(refusedTimes(1000)), (context, time) => {
      time.schedule(() => context.gate.close('signal'), 2500);
    });
    expect(gate).toEqual(['0 gate-paused']);
    expect(events).toEqual([]);
  });

  test('and fails for another reason is reported by others', async () => {
    expect(await done(looking(barred))).toMatchObject({ gate: [], events: [] });
  });
});
