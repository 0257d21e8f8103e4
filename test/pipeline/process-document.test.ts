import { describe, expect, test } from '@jest/globals';
import { DiskError, PathError } from '../../src/domain/errors.ts';
import type { Recipe } from '../../src/domain/recipe.ts';
import { newWorkItem } from '../../src/pipeline/work-item.ts';
import { promiseTime } from '../support/virtual-time.ts';
import { answer, document, ended, outcomeOf, preparedAs, recipe } from './in-memory.ts';
import { type ContextInMemory, contextInMemory, type PortChanges, processing } from './ports-in-memory.ts';

function asSummary() {
  return { name: 'summary', ending: '.md' };
}

type Arrange = (context: ContextInMemory, at: (ms: number, act: () => void) => void) => void;

/** What becomes of document `a`, and when; `asked` where it is. */
async function told(arrange: Arrange = () => undefined, changes: PortChanges = {}) {
  const time = promiseTime();
  const log: string[] = [];
  const note = (what: string) => void log.push(`${time.clock.now()} ${what}`);
  const prepare = () =>
    preparedAs(({ number }) => {
      note('asked');
      return ended(outcomeOf(number, answer, 'the answer'));
    });
  const context = contextInMemory(time.clock, { llm: { prepare }, ...changes });
  arrange(context, (ms, act) => time.schedule(act, ms));
  context.gate.events.subscribe(({ type }) => note(type));
  const { events, isDone } = processing(context, newWorkItem(document('a')));
  await time.play();
  expect(isDone()).toBe(true);
  return { log, events, context };
}

/** An outbox that throws when a path is to be reserved, until then. */
const refusing =
  (error: Error, untilMs = 1_000_000): Arrange =>
  ({ outbox }, at): void => {
    let refuses = true;
    at(untilMs, () => {
      refuses = false;
    });
    Object.assign(outbox, {
      reservePath: () => {
        if (refuses) throw error;
        return { conflict: null, found: null };
      },
    });
  };

describe('a document', () => {
  test('with a place for its result is asked', async () => {
    const { log, events } = await told();
    expect(log).toEqual(['0 asked']);
    expect(events.at(-1)).toMatchObject({ type: 'document-succeeded' });
  });

  test('without one fails at once, with a report, and pauses nothing', async () => {
    const { log, events, context } = await told(
      ({ outbox }) => void outbox.conflicts.set('a', 'A folder stands there.'),
    );
    expect(log).toEqual([]);
    expect(events).toMatchObject([{ type: 'document-failed' }]);
    expect(context.outbox.reports.get('a')).toMatchObject({ code: 'path-barred', reason: 'A folder stands there.' });
    expect(context.ledger.recall('a')?.state).toBe('failed');
  });

  test('waits, with every call paused, while the disk does not say', async () => {
    const { log } = await told(refusing(new DiskError('the outbox is gone'), 2500));
    expect(log).toEqual(['0 gate-paused', '3000 gate-resumed', '3000 asked']);
  });

  test('is pending when the run ends before', async () => {
    const { log, events, context } = await told((all, at) => {
      refusing(new DiskError('the outbox is gone'))(all, at);
      at(1500, () => all.gate.close('signal'));
    });
    expect(log).toEqual(['0 gate-paused']);
    expect(events).toMatchObject([{ type: 'document-pending', reason: 'the run ended before it could be sent' }]);
    expect(context.ledger.written).toEqual([]);
  });

  test('that finds the run closed is pending', async () => {
    const { events } = await told(({ gate }) => gate.close('signal'));
    expect(events).toMatchObject([
      { type: 'document-pending', id: 'a', reason: 'the run ended before it could be sent', dueAt: null },
    ]);
  });

  test.each([new TypeError('a mistake'), new PathError('closed')])(
    'fails alone for anything else: %s',
    async (error) => {
      const { log, events } = await told(refusing(error));
      expect(log).toEqual([]);
      expect(events).toMatchObject([{ type: 'document-failed', reason: expect.stringContaining(error.message) }]);
    },
  );

  test.each<[string, Recipe['place']]>([
    ['summary', asSummary],
    ['a', (asked) => recipe.place(asked)],
  ])('is not asked where its result would be %s.md, that of another document', async (name, place) => {
    const { log, events, context } = await told(
      ({ outbox, ledger }) => {
        outbox.results.set(name, 'of another');
        ledger.paths.set('b', `${name}.md`);
      },
      { recipes: { choose: () => ({ ...recipe, place }) } },
    );
    expect(log).toEqual([]);
    expect(events).toMatchObject([{ type: 'document-failed' }]);
    expect(context.outbox.reports.get('a')?.reason).toBe(`Its result would be ${name}.md, which is that of b.`);
  });
});

/** A call that ends when it is told to. */
function callInHand() {
  let end: (() => void) | null = null;
  let aborted = 0;
  const prepare = () =>
    preparedAs(({ number }) => {
      const outcome = new Promise<ReturnType<typeof outcomeOf>>((resolve) => {
        end = () => resolve(outcomeOf(number, answer, 'the answer'));
      });
      return { outcome, abort: () => (aborted += 1) };
    });
  return { llm: { prepare }, end: () => end?.(), aborted: () => aborted };
}

describe('the path of a result', () => {
  test('is kept while its document is asked, and is free when the next one follows', async () => {
    const time = promiseTime();
    const call = callInHand();
    const context = contextInMemory(time.clock, { llm: call.llm });
    const released: (readonly string[])[] = [];
    const follower = document('a', 2);
    const { isDone } = processing(context, newWorkItem(document('a')));
    await time.play();
    expect(context.outbox.released).toEqual([]);

    // A newer version of the document is added while the first is asked.
    const reservePath = context.outbox.reservePath.bind(context.outbox);
    Object.assign(context.outbox, {
      reservePath: (...asked: Parameters<typeof reservePath>) => {
        released.push([...context.outbox.released]);
        return reservePath(...asked);
      },
    });
    context.queue.add(newWorkItem(follower));
    call.end();
    await time.play();
    expect(released).toEqual([['a']]);
    call.end();
    await time.play();
    expect(isDone()).toBe(true);
    expect(context.outbox.released).toEqual(['a', 'a']);
  });

  test('is free where the stream is left, and the call is aborted', async () => {
    const time = promiseTime();
    const call = callInHand();
    const context = contextInMemory(time.clock, { llm: call.llm });
    const { leave } = processing(context, newWorkItem(document('a')));
    await time.play();
    leave();
    expect(context.outbox.released).toEqual(['a']);
    context.cutting.fire();
    expect(call.aborted()).toBe(1);
    await time.play();
  });
});
