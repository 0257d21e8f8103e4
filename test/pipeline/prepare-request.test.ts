import { describe, expect, test } from '@jest/globals';
import type { AttemptRecord } from '../../src/domain/attempt.ts';
import type { PipelineEvent } from '../../src/domain/events.ts';
import type { DocumentState } from '../../src/domain/ledger.ts';
import type { Converter } from '../../src/domain/ports.ts';
import type { Recipe } from '../../src/domain/recipe.ts';
import type { PipelineSettings } from '../../src/pipeline/context.ts';
import type { Disposition, Request } from '../../src/pipeline/disposition.ts';
import { fingerprintOf, prepareRequest } from '../../src/pipeline/prepare-request.ts';
import { apply } from '../../src/pipeline/process-document.ts';
import { newWorkItem, type WorkItem } from '../../src/pipeline/work-item.ts';
import type { Later } from '../../src/pipeline/work-queue.ts';
import { promiseTime } from '../support/virtual-time.ts';
import { answer, asText, document, identity, knownAnswer, outcomeOf, recipe, retryVerdict } from './in-memory.ts';
import { type ContextInMemory, content, contextInMemory, type PortChanges, recordOfA } from './ports-in-memory.ts';

type Arrange = (context: ContextInMemory) => unknown;

interface Circumstances {
  readonly arrange?: Arrange;
  readonly ports?: PortChanges;
  readonly settings?: Partial<PipelineSettings>;
  readonly work?: Partial<WorkItem>;
}

interface Prepared {
  readonly context: ContextInMemory;
  readonly step: Request | Disposition;
}

/** What becomes of document `a`, whose mtime is new to the ledger: a request, or something else. */
async function prepare({ arrange, ports, settings, work }: Circumstances): Promise<Prepared> {
  const { clock } = promiseTime();
  const context = contextInMemory(clock, ports, settings);
  await arrange?.(context);
  context.ledger.written.length = 0;
  const step = await prepareRequest(context, { ...newWorkItem(document('a', 2)), ...work }, recipe);
  return { context, step };
}

interface Applied extends Prepared {
  readonly events: readonly PipelineEvent[];
  readonly later: Later<WorkItem> | null;
}

/** What becomes of document `a`, once that is done. Not for one that is to be asked. */
async function applied(circumstances: Circumstances): Promise<Applied> {
  const { context, step } = await prepare(circumstances);
  if (step.kind === 'request') throw new Error('it is to be asked');
  const events: PipelineEvent[] = [];
  const later = await apply(context, step, (event) => void events.push(event));
  return { context, step, events, later };
}

async function stepOf(circumstances: Circumstances): Promise<Request | Disposition> {
  return (await prepare(circumstances)).step;
}

async function kindOf(circumstances: Circumstances): Promise<string> {
  return (await stepOf(circumstances)).kind;
}

const { record } = outcomeOf(1, answer, 'the answer');
const failedAttempt: AttemptRecord = outcomeOf(1, retryVerdict(), '').record;

/** The ledger knows these very bytes in this state. */
function known(state: DocumentState, changes: { readonly api?: string; readonly hash?: string } = {}): Arrange {
  return async ({ ledger }) => {
    const { api = 'api', hash = 'recipe' } = changes;
    const settled = { ...content, api, recipe: { ...identity, api, hash } };
    if (state === 'done')
      await ledger.settle({ ...settled, state, result: 'a.md', fingerprint: null, reused: false, readers: [] });
    if (state === 'failed' || state === 'held') await ledger.settle({ ...settled, state, code: 'x', reason: 'y' });
    if (state === 'pending') await ledger.settle({ ...settled, state, dueAt: 0 });
  };
}

const withResult: Arrange = ({ outbox }) => outbox.results.set('a', 'an answer');
const withReport: Arrange = ({ outbox }) => {
  const report = { document: { ...document('a'), sha256: 'a#1' }, code: 'x', reason: 'y', attempts: [] };
  outbox.reports.set('a', report);
};

function all(...arrangements: readonly Arrange[]): Arrange {
  return async (context) => {
    // oxlint-disable-next-line no-await-in-loop -- in order
    for (const arrange of arrangements) await arrange(context);
  };
}

const withAnswer: Arrange = ({ ledger }) => {
  const fingerprint = fingerprintOf(content, recipe);
  ledger.answers.set(fingerprint, knownAnswer('kept', 'b', record));
};

describe('a document that was only touched', () => {
  test.each<[DocumentState, string, Arrange, object]>([
    ['done', 'recipe', all(known('done'), withResult), { type: 'document-skipped', stale: false }],
    ['done', 'older', all(known('done', { hash: 'older' }), withResult), { type: 'document-skipped', stale: true }],
    ['failed', 'recipe', all(known('failed'), withReport), { type: 'document-failed', earlier: true }],
    ['held', 'recipe', known('held'), { type: 'document-held', earlier: true }],
  ])('stays %s (made with the %s), and is remembered with its new mtime', async (_, __, arrange, event) => {
    const { step, context, events } = await applied({ arrange });
    expect(step.kind).toBe('skip');
    expect(events).toMatchObject([{ id: 'a', ...event }]);
    expect(context.ledger.written).toEqual(['touch a']);
  });

  test('leaves the inbox where its answer is filed and inputs are to go', async () => {
    const settings = { after: 'archive' } as const;
    const left = async (arrange: Arrange) => (await applied({ arrange, settings })).events.map(({ type }) => type);
    expect(await left(all(known('done'), withResult))).toEqual(['document-skipped', 'document-departed']);
    expect(await left(all(known('failed'), withReport))).toEqual(['document-failed']);
  });

  test.each([
    ['its result was deleted, and the ledger lost the answer', known('done')],
    ['its report was deleted', known('failed')],
    ['it was answered through another API', all(known('done', { api: 'other' }), withResult)],
    ['it was begun and never answered', known('pending')],
    ['the ledger does not know it', withResult],
  ])('is sent where %s', async (_, arrange) => {
    expect(await kindOf({ arrange })).toBe('request');
  });

  test('is sent where all are to be asked again', async () => {
    expect(await kindOf({ arrange: all(known('done'), withResult), work: { redo: true } })).toBe('request');
  });

  test('and was made with another recipe is sent only where stale results are to be redone', async () => {
    const arrange = all(known('done', { hash: 'older' }), withResult);
    expect(await kindOf({ arrange })).toBe('skip');
    expect(await kindOf({ arrange, settings: { redo: 'stale' } })).toBe('request');
  });
});

/** Its result lies where an earlier recipe put it; the current one gives it another place. */
const withResultElsewhere: Arrange = ({ outbox, ledger }) => {
  outbox.results.set('elsewhere', 'an answer');
  ledger.paths.set('a', 'elsewhere.md');
};

describe('a document that was only touched, and whose result another recipe put elsewhere', () => {
  const stale = known('done', { hash: 'older' });

  test('is not sent', async () => {
    expect(await kindOf({ arrange: all(stale, withResultElsewhere) })).toBe('skip');
  });

  test.each<[string, Circumstances]>([
    ['stale results are to be redone', { arrange: all(stale, withResultElsewhere), settings: { redo: 'stale' } }],
    ['its result was deleted', { arrange: stale }],
    ['it was made with this very recipe', { arrange: all(known('done'), withResultElsewhere) }],
  ])('is sent where %s', async (_, circumstances) => {
    expect(await kindOf(circumstances)).toBe('request');
  });
});

describe('an answer that the ledger holds', () => {
  test('is used, and nothing is sent', async () => {
    expect(await stepOf({ arrange: withAnswer })).toMatchObject({
      kind: 'file',
      reused: true,
      answer: { text: 'kept', document: 'b' },
    });
  });

  test('is used where the result was deleted', async () => {
    expect(await kindOf({ arrange: all(known('done'), withAnswer) })).toBe('file');
  });

  test('is not used where all are to be asked again, unless it is younger than the run', async () => {
    const work = { redo: true };
    const younger = { redoSince: '2026-01-01T00:00:00.000Z' };
    const older = { redoSince: '2026-01-01T00:00:01.000Z' };
    expect(await kindOf({ arrange: withAnswer, work, settings: older })).toBe('request');
    expect(await kindOf({ arrange: withAnswer, work, settings: younger })).toBe('file');
  });

  test('keeps no other document of the same bytes waiting', async () => {
    const { context } = await prepare({ arrange: withAnswer });
    expect(context.singleFlight.join(fingerprintOf(content, recipe), 'b')).toEqual({ kind: 'leads' });
  });
});

/** Attempts that earlier runs made. */
function tried(...attempts: readonly Partial<AttemptRecord>[]): Arrange {
  return async (context) => {
    await known('pending')(context);
    for (const [index, changes] of attempts.entries()) {
      const attempt = { ...failedAttempt, ...changes, number: index + 1 };
      // oxlint-disable-next-line no-await-in-loop -- in order
      await context.ledger.end({ ...content, record: attempt, answer: null, reply: null });
    }
  };
}

describe('attempts of earlier runs', () => {
  test('count: the next one has the next number, and none follows where they are used up', async () => {
    expect(await stepOf({ arrange: tried({}) })).toMatchObject({
      kind: 'request',
      work: { attempts: [{ number: 1 }], lastNumber: 1, sha256: 'a#1' },
    });
    expect(await stepOf({ arrange: tried({}, {}, {}) })).toMatchObject({
      kind: 'fail',
      failure: { code: 'retries-used-up' },
      work: { lastNumber: 3 },
    });
  });

  test('do not count where the document starts over, and are forgiven for good', async () => {
    expect(await stepOf({ arrange: tried({}, {}, {}), work: { startOver: true } })).toMatchObject({
      kind: 'request',
      work: { attempts: [], lastNumber: 3, forgiven: 3 },
    });
  });

  test('that never reached the API do not count', async () => {
    const never = { status: null, billing: 'none' } as const;
    expect(await stepOf({ arrange: tried(never, never, never) })).toMatchObject({
      kind: 'request',
      work: { attempts: [], lastNumber: 3 },
    });
  });

  test('that may have been billed hold the document where the person said so', async () => {
    const arrange = tried({ billing: 'in doubt', code: 'process-died' });
    expect(await stepOf({ arrange, settings: { inDoubt: 'hold' } })).toMatchObject({
      kind: 'hold',
      failure: { code: 'in-doubt' },
    });
    expect(await kindOf({ arrange })).toBe('request');
  });

  test('that leave none have the document held, or fail, as the rule says', async () => {
    const arrange = tried({ billing: 'in doubt' }, { billing: 'in doubt' }, { billing: 'in doubt' });
    const held = await applied({ arrange, settings: { inDoubt: 'hold' } });
    expect(held.events).toMatchObject([{ type: 'document-held', code: 'in-doubt', earlier: false }]);
    expect(held.context.ledger.recall('a')?.state).toBe('held');
    const failed = await applied({ arrange });
    expect(failed.events).toMatchObject([{ type: 'document-failed', code: 'in-doubt' }]);
    expect(failed.context.outbox.reports.has('a')).toBe(true);
  });
});

const fingerprint = fingerprintOf(content, recipe);

/** `a` waited for `b`, of the same bytes, of which this became. */
function followed(result: Parameters<ContextInMemory['singleFlight']['decided']>[1]): Arrange {
  return ({ singleFlight }) => {
    singleFlight.join(fingerprint, 'b');
    const joined = singleFlight.join(fingerprint, 'a');
    if (joined.kind === 'follows') joined.landed(() => undefined);
    singleFlight.decided('b', result);
    singleFlight.leave('b');
  };
}

const withOtherInFlight: Arrange = ({ singleFlight }) => singleFlight.join(fingerprint, 'b');

describe('the same bytes under another name', () => {
  test('wait while the first is asked, and come back when it is done', async () => {
    const { context, step } = await prepare({ arrange: withOtherInFlight });
    expect(step).toMatchObject({ kind: 'requeue', event: { type: 'document-waiting', id: 'a' } });
    if (step.kind !== 'requeue' || typeof step.after === 'number') throw new Error('it waits for another document');
    let woken = 0;
    step.after(() => (woken += 1));
    expect(woken).toBe(0);
    context.singleFlight.leave('b');
    expect(woken).toBe(1);
  });

  test('wait before anything is looked up: of two that look at the same time, one asks', async () => {
    const looks: string[] = [];
    await prepare({
      arrange: (context) => {
        withOtherInFlight(context);
        Object.assign(context.ledger, { answer: async () => void looks.push('answer') });
      },
    });
    expect(looks).toEqual([]);
  });

  test('are asked where the first was answered and the ledger has no answer after all', async () => {
    const { context, step } = await prepare({ arrange: followed('answered') });
    expect(step.kind).toBe('request');
    expect(context.singleFlight.join(fingerprint, 'b').kind).toBe('follows');
  });

  test('share what the first was given up for', async () => {
    expect(await stepOf({ arrange: followed({ state: 'failed', code: 'refused', reason: 'No.' }) })).toMatchObject({
      kind: 'fail',
      failure: { code: 'refused', reason: 'the same bytes were asked as b, in vain: No.' },
    });
  });
});

describe('a document that cannot be asked at the moment', () => {
  const reason = 'the API does not list its models';
  const ports = { conversation: { next: async () => ({ kind: 'later', reason }) as const } };

  test('is left to the next run', async () => {
    const { context, events, later } = await applied({ ports, settings: { waitsForParked: false } });
    expect(later).toBeNull();
    expect(events).toEqual([{ type: 'document-pending', id: 'a', reason, dueAt: null }]);
    expect(context.outbox.reports.size).toBe(0);
  });

  test('comes back to a run that waits, and holds no place until then', async () => {
    const { context, events, later } = await applied({ ports });
    expect(events).toMatchObject([{ type: 'document-pending', id: 'a', reason, dueAt: 90_000 }]);
    // Longer than a wait within the stream.
    expect(later).toMatchObject({ item: { document: { id: 'a' } }, after: 90_000 });
    expect(context.outbox.reports.size).toBe(0);
  });
});

function changed(): NonNullable<PortChanges['inbox']> {
  const { inbox } = contextInMemory(promiseTime().clock);
  return { ...inbox, read: async () => ({ kind: 'read', content: { ...content, sha256: 'a#2' } }) };
}

describe('a result that was filed while the ledger could not note its end', () => {
  const startedAt = '2026-01-01T00:00:00.000Z';
  const at = Date.parse(startedAt);
  const inDoubt = tried({ billing: 'in doubt', code: 'process-died', startedAt });
  const written = (atMs: number): Arrange => all(withResult, ({ outbox }) => outbox.writtenAt.set('a', atMs));

  test('is not paid for again: the ledger notes it, and its input may go', async () => {
    const { context, events } = await applied({ arrange: all(inDoubt, written(at)), settings: { after: 'archive' } });
    expect(events.map(({ type }) => type)).toEqual(['document-skipped', 'document-departed']);
    expect(context.ledger.written).toEqual(['done a']);
    expect(context.ledger.recall('a')).toEqual(recordOfA({ readers: null }));
    expect(context.ledger.resultPath('a')).toBe('a.md');
    expect(context.outbox.results.get('a')).toBe('an answer');
  });

  test.each<[string, Circumstances]>([
    [
      'three times in a row',
      {
        arrange: all(
          tried(
            ...Array.from({ length: 3 }, () => ({ billing: 'in doubt', code: 'process-died', startedAt }) as const),
          ),
          written(at),
        ),
      },
    ],
    ['and what is in doubt is to be held', { arrange: all(inDoubt, written(at)), settings: { inDoubt: 'hold' } }],
  ])('counts %s', async (_, circumstances) => {
    expect(await kindOf(circumstances)).toBe('skip');
  });

  test.each<[string, Circumstances]>([
    ['it is older than the attempt', { arrange: all(inDoubt, written(at - 1)) }],
    ['the attempt is not in doubt', { arrange: all(tried({ startedAt }), written(at)) }],
    [
      'another attempt ended after it',
      { arrange: all(tried({ billing: 'in doubt', startedAt }, { startedAt }), written(at)) },
    ],
    [
      'it is the result of another document',
      { arrange: all(inDoubt, written(at), ({ ledger }) => ledger.paths.set('b', 'a.md')) },
    ],
    ['all are to be asked again', { arrange: all(inDoubt, written(at)), work: { redo: true } }],
    [
      'it was asked with another recipe',
      {
        arrange: all(inDoubt, written(at), ({ ledger }) => {
          for (const [key, version] of ledger.versions) ledger.versions.set(key, { ...version, recipe: 'older' });
        }),
      },
    ],
    ['the document changed since', { arrange: all(inDoubt, written(at)), ports: { inbox: changed() } }],
    ['there is none', { arrange: inDoubt }],
  ])('does not count where %s', async (_, circumstances) => {
    expect(await kindOf(circumstances)).toBe('request');
  });
});

const readBy =
  (readers: readonly string[], madeFor = 'b'): Arrange =>
  ({ ledger }) => {
    ledger.answers.set(fingerprintOf(content, recipe), knownAnswer('kept', madeFor, record, { readers }));
  };
const doneWith =
  (readers: readonly string[]): Arrange =>
  ({ ledger }) => {
    const made = { api: 'api', recipe: identity, fingerprint: null, reused: true, readers } as const;
    return ledger.settle({ ...content, ...made, state: 'done', result: 'a.md' });
  };

describe('an answer to what another revision of a reader read', () => {
  const old = ['docx/1', 'eml/2'];

  test('is not used for another document of the same bytes', async () => {
    expect(await kindOf({ arrange: readBy(old) })).toBe('request');
    expect(await kindOf({ arrange: readBy(['docx/2', 'eml/2']) })).toBe('file');
  });

  test.each<[string, Arrange]>([
    ['its own answer', all(doneWith(old), readBy(old, 'a'))],
    ['the answer that was reused for it', all(doneWith(old), readBy(old))],
  ])(
    'comes back where the result of its document was deleted, free: %s; not where stale ones are redone',
    async (_, arrange) => {
      expect(await kindOf({ arrange })).toBe('file');
      expect(await kindOf({ arrange, settings: { redo: 'stale' } })).toBe('request');
    },
  );

  test('makes the result of its document stale: it is asked again only where stale ones are redone', async () => {
    const arrange = all(doneWith(old), readBy(old, 'a'), withResult);
    const { events, step } = await applied({ arrange });
    expect(step.kind).toBe('skip');
    expect(events).toMatchObject([{ type: 'document-skipped', stale: true }]);
    expect(await kindOf({ arrange, settings: { redo: 'stale' } })).toBe('request');
    expect(await kindOf({ arrange: all(doneWith(['docx/2']), withResult), settings: { redo: 'stale' } })).toBe('skip');
  });
});

describe('a document of which the model cannot be given all', () => {
  const leftOut = { chart: 2, picture: 1 };
  const converter: Converter = {
    ...asText,
    convert: async () => ({ kind: 'converted', parts: [{ kind: 'text', text: 'x' }], leftOut, readers: ['docx/2'] }),
  };
  const whole = { ...recipe, handling: { ...recipe.handling, leftOut: 'fail' } } as const;
  const prepareBy = async (by: Recipe, arrange?: Arrange) => {
    const context = contextInMemory(promiseTime().clock, { converter });
    await arrange?.(context);
    return prepareRequest(context, newWorkItem(document('a')), by);
  };
  const answeredInPart: Arrange = ({ ledger }) =>
    ledger.answers.set(
      fingerprintOf(content, recipe),
      knownAnswer('kept', 'b', record, { leftOut, readers: ['docx/2'] }),
    );

  test('is asked, and how it was read goes with the request', async () => {
    expect(await prepareBy(recipe)).toMatchObject({
      kind: 'request',
      provenance: { leftOut, readers: ['docx/2'] },
    });
  });

  test('fails before the call where its recipe takes no document in part, in words that say what to do', async () => {
    const step = await prepareBy(whole);
    expect(step).toMatchObject({ kind: 'fail', failure: { code: 'left-out' } });
    if (step.kind !== 'fail') return;
    expect(step.failure.reason).toContain('2 charts, 1 picture');
    expect(step.failure.reason).toContain('sluice.left_out: fail');
  });

  test('and whose bytes were answered is not answered by that where its recipe takes no document in part', async () => {
    expect(await prepareBy(recipe, answeredInPart)).toMatchObject({ kind: 'file', answer: { leftOut } });
    expect(await prepareBy(whole, answeredInPart)).toMatchObject({ kind: 'fail', failure: { code: 'left-out' } });
  });
});
