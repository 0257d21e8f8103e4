import { describe, expect, test } from '@jest/globals';
import { concat, finalize, NEVER, of, toArray } from 'rxjs';
import type { AttemptRecord } from '../../src/domain/attempt.ts';
import type { DocumentState } from '../../src/domain/ledger.ts';
import type { AttemptProgress } from '../../src/domain/ports.ts';
import type { Turn } from '../../src/pipeline/call-outcome.ts';
import type { AskSettings } from '../../src/pipeline/context.ts';
import { turn } from '../../src/pipeline/look-up.ts';
import { fingerprintOf } from '../../src/pipeline/prepare-request.ts';
import { newWork, type Work } from '../../src/pipeline/work-item.ts';
import { virtualTime } from '../support/virtual-time.ts';
import { answer, document, identity, outcomeOf, plainAnswer, preparedAs, recipe, retryVerdict } from './in-memory.ts';
import { content, freeSeat, type PortsInMemory, portsInMemory, settingsBy } from './ports-in-memory.ts';

interface Circumstances {
  readonly arrange?: (ports: PortsInMemory) => void;
  readonly settings?: Partial<AskSettings>;
  readonly work?: Partial<Work>;
}

/** A turn of document `a`, whose mtime is new to the ledger. */
function turnOf({ arrange, settings, work }: Circumstances): readonly Turn[] {
  const { clock } = virtualTime();
  const ports = portsInMemory(clock);
  arrange?.(ports);
  const turns: Turn[] = [];
  turn(ports, settingsBy(clock, settings), { ...newWork(document('a', 2)), ...work }, recipe, freeSeat).subscribe(
    (happened) => turns.push(happened),
  );
  return turns;
}

function kinds(circumstances: Circumstances): readonly string[] {
  return turnOf(circumstances).map(({ kind }) => kind);
}

const { record } = outcomeOf(1, answer, 'the answer');
const failedAttempt: AttemptRecord = outcomeOf(1, retryVerdict(), '').record;

/** The ledger knows these very bytes in this state. */
function known(state: DocumentState, changes: { readonly api?: string; readonly hash?: string } = {}) {
  return ({ ledger }: PortsInMemory): void => {
    const { api = 'api', hash = 'recipe' } = changes;
    const settled = { ...content, api, recipe: { ...identity, api, hash } };
    if (state === 'done')
      ledger.settle({ ...settled, state, result: 'a.md', fingerprint: null, reused: false }).subscribe();
    if (state === 'failed' || state === 'held')
      ledger.settle({ ...settled, state, code: 'x', reason: 'y' }).subscribe();
    if (state === 'pending') ledger.settle({ ...settled, state, dueAt: 0 }).subscribe();
  };
}

const withResult = ({ outbox }: PortsInMemory) => void outbox.results.set('a', 'an answer');
const withReport = ({ outbox }: PortsInMemory) => {
  const report = { document: { ...document('a'), sha256: 'a#1' }, code: 'x', reason: 'y', attempts: [] };
  outbox.reports.set('a', report);
};
const all =
  (...arrangements: readonly ((ports: PortsInMemory) => void)[]) =>
  (ports: PortsInMemory): void =>
    arrangements.forEach((arrange) => arrange(ports));

const withAnswer = ({ ledger }: PortsInMemory): void => {
  const fingerprint = fingerprintOf(content, recipe);
  ledger.answers.set(fingerprint, { ...plainAnswer('kept'), document: 'b', attempt: record });
};

describe('a document that was only touched', () => {
  test.each([
    ['answered, and its result is there', all(known('done'), withResult)],
    ['failed, and its report is there', all(known('failed'), withReport)],
    ['held', known('held')],
  ])('is not sent where it was %s', (_, arrange) => {
    expect(kinds({ arrange })).toEqual(['known']);
  });

  test.each([
    ['its result was deleted, and the ledger lost the answer', known('done')],
    ['its report was deleted', known('failed')],
    ['it was answered through another API', all(known('done', { api: 'other' }), withResult)],
    ['it was begun and never answered', known('pending')],
    ['the ledger does not know it', withResult],
  ])('is sent where %s', (_, arrange) => {
    expect(kinds({ arrange })).toEqual(['started', 'ended']);
  });

  test('is sent where all are to be asked again', () => {
    expect(kinds({ arrange: all(known('done'), withResult), work: { redo: true } })).toEqual(['started', 'ended']);
  });

  test('and was made with another recipe is sent only where stale results are to be redone', () => {
    const arrange = all(known('done', { hash: 'older' }), withResult);
    expect(kinds({ arrange })).toEqual(['known']);
    expect(kinds({ arrange, settings: { redo: 'stale' } })).toEqual(['started', 'ended']);
  });
});

/** Its result lies where the recipe of then put it; the one of now gives it another place. */
const withResultElsewhere = ({ outbox, ledger }: PortsInMemory) => {
  outbox.results.set('elsewhere', 'an answer');
  ledger.paths.set('a', 'elsewhere.md');
};

describe('a document that was only touched, and whose result another recipe put elsewhere', () => {
  const stale = known('done', { hash: 'older' });

  test('is not sent', () => {
    expect(kinds({ arrange: all(stale, withResultElsewhere) })).toEqual(['known']);
  });

  test.each<[string, Circumstances]>([
    ['stale results are to be redone', { arrange: all(stale, withResultElsewhere), settings: { redo: 'stale' } }],
    ['its result was deleted', { arrange: stale }],
    ['it was made with this very recipe', { arrange: all(known('done'), withResultElsewhere) }],
  ])('is sent where %s', (_, circumstances) => {
    expect(kinds(circumstances)).toEqual(['started', 'ended']);
  });
});

describe('an answer that the ledger holds', () => {
  test('is used, and nothing is sent', () => {
    expect(turnOf({ arrange: withAnswer })).toMatchObject([
      { kind: 'answered', answer: { text: 'kept', document: 'b' } },
    ]);
  });

  test('is used where the result was deleted', () => {
    expect(kinds({ arrange: all(known('done'), withAnswer) })).toEqual(['answered']);
  });

  test('is not used where all are to be asked again, unless it is younger than the run', () => {
    const work = { redo: true };
    const younger = { startedAt: '2026-01-01T00:00:00.000Z' };
    const older = { startedAt: '2026-01-01T00:00:01.000Z' };
    expect(kinds({ arrange: withAnswer, work, settings: older })).toEqual(['started', 'ended']);
    expect(kinds({ arrange: withAnswer, work, settings: younger })).toEqual(['answered']);
  });
});

const withOtherInFlight = ({ flights }: PortsInMemory) => void flights.board(fingerprintOf(content, recipe), 'b');

const tried =
  (...attempts: readonly Partial<AttemptRecord>[]) =>
  (ports: PortsInMemory): void => {
    known('pending')(ports);
    attempts.forEach((changes, index) => {
      const attempt = { ...failedAttempt, ...changes, number: index + 1 };
      ports.ledger.end({ ...content, record: attempt, answer: null, reply: null }).subscribe();
    });
  };

describe('attempts of earlier runs', () => {
  test('count: the next one has the next number, and none follows where they are used up', () => {
    expect(turnOf({ arrange: tried({}) })).toMatchObject([
      { kind: 'started', number: 2 },
      { kind: 'ended', work: { attempts: [{ number: 1 }], lastNumber: 1 } },
    ]);
    expect(turnOf({ arrange: tried({}, {}, {}) })).toMatchObject([
      { kind: 'given up', why: { state: 'failed', code: 'retries-used-up' }, work: { lastNumber: 3 } },
    ]);
  });

  test('do not count where the document is begun afresh, and are forgiven for good', () => {
    const { ledger, turns } = { ledger: { begun: 0 }, turns: [] as Turn[] };
    const { clock } = virtualTime();
    const ports = portsInMemory(clock);
    tried({}, {}, {})(ports);
    const begin = ports.ledger.begin.bind(ports.ledger);
    ports.ledger.begin = (attempt) => {
      ledger.begun = attempt.forgiven;
      return begin(attempt);
    };
    const work = newWork(document('a', 2), { afresh: true });
    turn(ports, settingsBy(clock), work, recipe, freeSeat).subscribe((happened) => turns.push(happened));
    expect(turns).toMatchObject([
      { kind: 'started', number: 4 },
      { kind: 'ended', work: { attempts: [] } },
    ]);
    expect(ledger.begun).toBe(3);
  });

  test('that never reached the API do not count', () => {
    const never = { status: null, billing: 'none' } as const;
    expect(turnOf({ arrange: tried(never, never, never) })).toMatchObject([{ number: 4 }, { work: { attempts: [] } }]);
  });

  test('that may have been billed hold the document where the person said so', () => {
    const arrange = tried({ billing: 'in doubt', code: 'process-died' });
    expect(turnOf({ arrange, settings: { inDoubt: 'hold' } })).toMatchObject([
      { kind: 'given up', why: { state: 'held', code: 'in-doubt' } },
    ]);
    expect(kinds({ arrange })).toEqual(['started', 'ended']);
  });
});

test('the same bytes under another name wait while the first is asked', () => {
  expect(kinds({ arrange: withOtherInFlight })).toEqual(['same']);
});

/** Whether the attempt of a document with this past is made anew. */
function anewAfter(attempts: readonly Partial<AttemptRecord>[], work: Partial<Work> = {}): boolean | undefined {
  const { clock } = virtualTime();
  const asked: boolean[] = [];
  const ports = portsInMemory(clock, {
    llm: {
      prepare: () =>
        preparedAs(({ anew, number }) => {
          asked.push(anew);
          return of({ kind: 'ended', outcome: outcomeOf(number, answer, 'the answer') });
        }),
    },
  });
  tried(...attempts)(ports);
  turn(ports, settingsBy(clock), { ...newWork(document('a', 2)), ...work }, recipe, freeSeat).subscribe();
  return asked[0];
}

describe('a reply that the API may have kept', () => {
  test.each<[string, readonly Partial<AttemptRecord>[], boolean]>([
    ['none was made', [], false],
    ['it was lost on its way', [{ billing: 'in doubt' }], false],
    ['it came whole and was no answer', [{ billing: 'known' }], true],
    ['it came whole, and the next attempt was not billed', [{ billing: 'known' }, { billing: 'none' }], true],
    ['it came whole, and the next one was lost', [{ billing: 'known' }, { billing: 'in doubt' }], false],
  ])('is not wanted again where %s: %j %s', (_, attempts, anew) => {
    expect(anewAfter(attempts)).toBe(anew);
  });

  test('is not wanted where all are to be asked again', () => {
    expect(anewAfter([], { redo: true })).toBe(true);
  });
});

describe('before anything is sent', () => {
  test('the attempt is recorded, with the head of the reply as soon as it is there', () => {
    const { clock } = virtualTime();
    const order: string[] = [];
    const progress: AttemptProgress[] = [
      { kind: 'head', head: { status: 200, generationId: 'gen-1' } },
      { kind: 'ended', outcome: outcomeOf(1, answer, 'the answer') },
    ];
    const ports = portsInMemory(clock, {
      llm: {
        prepare: () =>
          preparedAs(() => {
            order.push(...ports.ledger.written, 'sent');
            return of(...progress);
          }),
      },
    });
    turn(ports, settingsBy(clock), newWork(document('a')), recipe, freeSeat).subscribe();
    expect(order).toEqual(['begin a 1', 'sent']);
    expect(ports.ledger.written).toEqual(['begin a 1', 'head a 1 200']);
  });

  test('nothing leaves while the ledger refuses, and nothing at all where the run ends meanwhile', () => {
    const { scheduler, clock } = virtualTime();
    const ports = portsInMemory(clock);
    ports.ledger.refusals = 1000;
    let turns: readonly Turn[] = [];
    scheduler.run(() => {
      scheduler.schedule(() => ports.gate.close('disk'), 2500);
      turn(ports, settingsBy(clock), newWork(document('a')), recipe, freeSeat)
        .pipe(toArray())
        .subscribe((happened) => (turns = happened));
    });
    expect(turns).toEqual([{ kind: 'unsent' }]);
    expect(ports.ledger.written).toEqual([]);
  });
});

test('a call that is cut off keeps what the head of its reply told', () => {
  const { scheduler, clock } = virtualTime();
  const head: AttemptProgress = { kind: 'head', head: { status: 200, generationId: 'gen-1' } };
  const llm = { prepare: () => preparedAs(() => concat(of(head), NEVER)) };
  const ports = portsInMemory(clock, { llm });
  let turns: readonly Turn[] = [];
  scheduler.run(() => {
    scheduler.schedule(() => ports.gate.cut(), 1500);
    turn(ports, settingsBy(clock), newWork(document('a')), recipe, freeSeat)
      .pipe(toArray())
      .subscribe((happened) => (turns = happened));
  });
  expect(turns.at(-1)).toMatchObject({
    ruling: { outcome: { record: { code: 'cut-off', status: 200, generationId: 'gen-1' } } },
  });
});

test('a call that is cut off is given up as in doubt, for it may have been billed', () => {
  const { scheduler, clock } = virtualTime();
  let aborted = false;
  const llm = { prepare: () => preparedAs(() => concat(NEVER).pipe(finalize(() => (aborted = true)))) };
  const ports = portsInMemory(clock, { llm });
  let turns: readonly Turn[] = [];
  scheduler.run(() => {
    scheduler.schedule(() => ports.gate.cut(), 1500);
    turn(ports, settingsBy(clock), newWork(document('a')), recipe, freeSeat)
      .pipe(toArray())
      .subscribe((happened) => (turns = happened));
  });

  expect(aborted).toBe(true);
  expect(turns).toMatchObject([
    { kind: 'started', number: 1 },
    {
      kind: 'ended',
      work: { startedAt: 0 },
      ruling: { outcome: { record: { code: 'cut-off', billing: 'in doubt', seconds: 1.5, number: 1 } } },
    },
  ]);
});
