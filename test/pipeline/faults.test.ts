import { describe, expect, test } from '@jest/globals';
import type { InboxEvent, PipelineEvent } from '../../src/domain/events.ts';
import type { Conversation, Gate, Llm, Ticket } from '../../src/domain/ports.ts';
import type { Recipe } from '../../src/domain/recipe.ts';
import type { PipelinePorts } from '../../src/pipeline/context.ts';
import { fingerprintOf, replyKeyOf } from '../../src/pipeline/prepare-request.ts';
import { promiseTime } from '../support/virtual-time.ts';
import {
  answer,
  document,
  fail,
  MemoryOutbox,
  recipe as plainRecipe,
  refusedRequest,
  retryVerdict,
  runningPipeline,
  type Scenario,
  textOf,
  timeline,
} from './in-memory.ts';
import { MemoryLedger } from './memory-ledger.ts';

/** A recipe with which every port has something to do. */
const recipe: Recipe = {
  ...plainRecipe,
  handling: { ...plainRecipe.handling, onTooLong: 'split', keep: ['reasoning'] },
};

/** Each has a size of its own, by which the gate knows it. */
const documents = [document('a', 1), document('b', 2), document('c', 3)];
const versionOfA = { document: document('a', 1), sha256: 'a#1' };
const fingerprint = fingerprintOf(versionOfA, recipe);
const replyKey = replyKeyOf(fingerprint, 0, { model: 'model', messages: [{ role: 'user', content: 'a' }] });

type Args = readonly never[];
type Asked = (...args: Args) => unknown;

/** The same, but that `spoil` comes before, or in place of, one of its methods. */
function spoiled<T extends object>(target: T, method: string, spoil: (go: () => unknown, args: Args) => unknown): T {
  return new Proxy(target, {
    get(_, key) {
      const value: unknown = Reflect.get(target, key, target);
      if (typeof value !== 'function') return value;
      const call = (...args: Args): unknown => Reflect.apply(value, target, args);
      return key === method ? (...args: Args) => spoil(() => call(...args), args) : call;
    },
  });
}

/** How a method fails: at once, by its promise, or at once after it did its work. */
type Way = 'throws' | 'rejects' | 'throws at last' | 'rejects at last';

function failing(way: Way, go: () => unknown): unknown {
  const error = new TypeError('a mistake');
  switch (way) {
    case 'throws':
      throw error;
    case 'rejects':
      return Promise.reject(error);
    case 'throws at last':
      go();
      throw error;
    case 'rejects at last':
      return Promise.resolve(go()).then(() => Promise.reject(error));
  }
}

type Port = keyof PipelinePorts | 'judge' | 'prepared' | 'slot';

interface Fault {
  readonly port: Port;
  readonly method: string;
  readonly way: Way;
  /** Whether a call is about document `a`. */
  readonly isA: (...args: Args) => boolean;
}

/** The ports of a run, one of which has the fault. `struck` is called each time it shows. */
function withFault(
  { port, method, way, isA }: Fault,
  ports: PipelinePorts,
  struck: () => void,
): Partial<PipelinePorts> {
  const spoil = (go: () => unknown, args: Args): unknown => {
    if (!isA(...args)) return go();
    struck();
    return failing(way, go);
  };
  if (port === 'judge') {
    const next: Conversation['next'] = async (inquiry, replies) => {
      const asked = await ports.conversation.next(inquiry, replies);
      return asked.kind === 'ask' && inquiry.document.id === 'a' ? spoiled(asked, method, spoil) : asked;
    };
    return { conversation: { next } };
  }
  if (port === 'prepared') {
    const prepare: Llm['prepare'] = (prompt) => {
      const prepared = ports.llm.prepare(prompt);
      if (textOf(prompt.messages[0]) !== 'a') return prepared;
      return spoiled(prepared, method, (go, args) =>
        // A call reports by its promise that something went wrong.
        way === 'rejects' ? { outcome: spoil(go, args), abort: () => undefined } : spoil(go, args),
      );
    };
    return { llm: { prepare } };
  }
  // A ticket knows its document by its recipe alone.
  const recipes: PipelinePorts['recipes'] = {
    ...ports.recipes,
    choose: (asked, when) => {
      const chosen = ports.recipes.choose(asked, when);
      return asked.id === 'a' ? { ...chosen, name: 'recipe of a' } : chosen;
    },
  };
  if (port === 'slot') {
    const slot: Gate['slot'] = async (ticket) => {
      const granted = await ports.gate.slot(ticket);
      return granted !== 'closed' && ticket.recipe === 'recipe of a' ? spoiled(granted, method, spoil) : granted;
    };
    return { recipes, gate: spoiled(ports.gate, 'slot', (_, [ticket]) => slot(ticket as unknown as Ticket)) };
  }
  if (port === 'gate') return { recipes, gate: spoiled(ports.gate, method, spoil) };
  return { [port]: spoiled(ports[port], method, spoil) };
}

const finished: InboxEvent = {
  type: 'scan-finished',
  initial: true,
  documents: 3,
  settling: 0,
  ignored: {},
  seconds: 1,
};

interface Played {
  readonly events: readonly PipelineEvent[];
  readonly asked: readonly string[];
  readonly strokes: number;
  readonly ended: boolean;
  readonly ledger: MemoryLedger;
}

function scan(atMs: number, initial: boolean) {
  return documents.map((each) => [atMs, { type: 'document-seen', document: each, initial }] as const);
}

/** Three documents, which scans show three times; one call at a time. */
async function play(fault: Fault, changes: Partial<Scenario> = {}): Promise<Played> {
  const time = promiseTime();
  let strokes = 0;
  let ended = false;
  const events: PipelineEvent[] = [];
  const running = runningPipeline(time.clock, {
    inbox: timeline(
      time.clock,
      [...scan(0, true), [1, finished], ...scan(20_000, false), ...scan(40_000, false)],
      40_001,
    ),
    concurrency: 1,
    settings: { after: 'archive', receipts: true },
    changes: (ports) => {
      const wider: PipelinePorts = {
        ...ports,
        recipes: { choose: () => recipe },
        llm: {
          prepare: (prompt) => {
            const prepared = ports.llm.prepare(prompt);
            return { ...prepared, models: [textOf(prompt.messages[0])], promptTokensAtMost: 60_000 };
          },
        },
      };
      return { ...wider, ...withFault(fault, wider, () => (strokes += 1)) };
    },
    ...changes,
  });
  running.events.subscribe({
    next: (event) => void events.push(event),
    complete: () => {
      ended = true;
    },
  });
  await time.play();
  return { events, asked: running.asked, strokes, ended, ledger: running.ledger };
}

/** What is last reported about a document, or about the run with its name; undefined if nothing is. */
function lastOf(events: readonly PipelineEvent[], id: string): PipelineEvent | undefined {
  return events.findLast((event) =>
    'id' in event ? event.id === id : 'message' in event && event.message.startsWith(id),
  );
}

/** Nothing more will be reported about a document after one of these. */
const ENDS = [
  'document-succeeded',
  'document-departed',
  'document-failed',
  'document-pending',
  'document-skipped',
  'run-noted',
];

/** The other documents that were answered, each as often as it was. */
function everyOther({ events }: Played): readonly string[] {
  return events
    .flatMap((event) => (event.type === 'document-succeeded' && event.id !== 'a' ? [event.id] : []))
    .toSorted();
}

/** An earlier run began `a`, in vain. */
async function begunBefore(): Promise<MemoryLedger> {
  const ledger = new MemoryLedger();
  await ledger.settle({ ...versionOfA, api: 'api', recipe, state: 'pending', dueAt: null });
  return ledger;
}

/** The answer to `a` was filed, by this recipe or another one. */
async function filedBefore(hash: string, mtimeMs: number): Promise<{ ledger: MemoryLedger; outbox: MemoryOutbox }> {
  const [ledger, outbox] = [new MemoryLedger(), new MemoryOutbox()];
  const made = { api: 'api', recipe: { ...recipe, hash }, fingerprint: 'f', reused: false, readers: [] };
  const touched = { ...versionOfA, document: { ...versionOfA.document, mtimeMs } };
  await ledger.settle({ ...touched, ...made, state: 'done', result: 'a.md' });
  return { ledger, outbox };
}

const byId = (id: unknown) => id === 'a';
const byDocument = (about: { readonly document: { readonly id: string } }) => about.document.id === 'a';
const byPlace = (place: { readonly name: string }) => place.name === 'a';
const always = () => true;

type Row = readonly [
  port: Port,
  method: string,
  isA: (...args: never[]) => boolean,
  ways: readonly Way[],
  scenario?: () => Partial<Scenario> | Promise<Partial<Scenario>>,
];

const promised: readonly Way[] = ['throws', 'rejects'];
const atOnce: readonly Way[] = ['throws'];

const rows: readonly Row[] = [
  ['inbox', 'read', ({ id }: { id: string }) => id === 'a', promised],
  ['inbox', 'release', ({ id }: { id: string }) => id === 'a', promised],
  ['recipes', 'choose', ({ id }: { id: string }) => id === 'a', atOnce],
  ['recipes', 'choose', ({ id }: { id: string }, look?: string) => id === 'a' && look === 'current', atOnce],
  ['converter', 'convert', byDocument, promised],
  ['conversation', 'next', byDocument, promised],
  ['judge', 'judge', always, atOnce],
  [
    'llm',
    'prepare',
    ({ messages }: { messages: readonly { content: string }[] }) => messages[0]?.content === 'a',
    atOnce,
  ],
  ['prices', 'of', byId, atOnce],
  ['models', 'facts', byId, promised],
  ['ledger', 'recall', byId, atOnce],
  ['ledger', 'version', byId, promised, async () => ({ ledger: await begunBefore() })],
  ['ledger', 'answer', (key: string) => key === fingerprint, promised],
  ['ledger', 'reply', (key: string) => key === replyKey, promised],
  [
    'ledger',
    'ownerOf',
    (path: string) => path === 'a.md',
    atOnce,
    async () => ({ ...(await filedBefore('recipe', 9)), outbox: withResult() }),
  ],
  ['ledger', 'resultPath', byId, atOnce, () => filedBefore('older', 1)],
  ['ledger', 'begin', byDocument, promised],
  ['ledger', 'end', byDocument, promised],
  ['ledger', 'settle', byDocument, promised],
  [
    'ledger',
    'touch',
    byDocument,
    promised,
    async () => ({ ...(await filedBefore('recipe', 9)), outbox: withResult() }),
  ],
  ['outbox', 'reservePath', byId, atOnce],
  ['outbox', 'releasePath', byId, ['throws', 'throws at last']],
  ['outbox', 'resultOf', byPlace, atOnce],
  ['outbox', 'holds', always, atOnce, async () => ({ ...(await filedBefore('older', 1)), settings: {} })],
  ['outbox', 'failedVersion', byId, atOnce],
  ['outbox', 'fileResult', byId, promised],
  ['outbox', 'fileReceipt', byPlace, promised],
  ['outbox', 'fileAttachments', byPlace, promised],
  ['outbox', 'fileFailure', byDocument, promised, () => ({ verdicts: { a: [fail] } })],
  ['gate', 'slot', (ticket: Ticket) => ticket.recipe === 'recipe of a', promised],
  ['gate', 'pause', always, atOnce, () => ({ outbox: Object.assign(new MemoryOutbox(), { refusals: 1 }) })],
  [
    'gate',
    'resume',
    always,
    ['throws at last'],
    () => ({ outbox: Object.assign(new MemoryOutbox(), { refusals: 1 }) }),
  ],
  ['slot', 'reserve', always, promised],
  ['slot', 'call', always, ['throws', 'rejects', 'rejects at last']],
  ['slot', 'settling', always, atOnce],
  ['slot', 'release', always, ['throws at last']],
];

function withResult(): MemoryOutbox {
  const outbox = new MemoryOutbox();
  outbox.results.set('a', 'an answer');
  return outbox;
}

const cases = rows.flatMap(([port, method, isA, ways, scenario]) =>
  ways.map((way) => ({ port, method, way, isA, scenario })),
);

/** Calls report the heads of their replies. */
function withHeads({ llm }: PipelinePorts): Partial<PipelinePorts> {
  return {
    llm: {
      prepare: (prompt) => {
        const prepared = llm.prepare(prompt);
        return {
          ...prepared,
          attempt: (start, listener) => {
            listener.head({ status: 200, generationId: null });
            return prepared.attempt(start, listener);
          },
        };
      },
    },
  };
}

describe('a mistake of the program', () => {
  test.each(cases)('in $port: $method, which $way, is kept to its document', async ({ scenario, ...fault }) => {
    const played = await play(fault, await scenario?.());
    expect(played.strokes).toBeGreaterThan(0);
    expect(played.ended).toBe(true);
    expect(everyOther(played)).toEqual(['b', 'c']);
    expect(ENDS).toContain(lastOf(played.events, 'a')?.type);
    // Three scans showed it: it was paid for once at most.
    expect(played.asked.filter((id) => id === 'a').length).toBeLessThanOrEqual(1);
  });

  test.each(promised)(
    'in a call, which %s, is in doubt, and its document is asked no more than so often',
    async (way) => {
      const played = await play({ port: 'prepared', method: 'attempt', way, isA: always });
      expect(played.ended).toBe(true);
      expect(everyOther(played)).toEqual(['b', 'c']);
      expect(lastOf(played.events, 'a')).toMatchObject({ type: 'document-failed' });
      expect(played.strokes).toBe(3);
      const version = await played.ledger.version('a', 'a#1');
      expect(version?.attempts).toMatchObject(
        Array.from({ length: 3 }, () => ({ code: 'unexpected', billing: 'in doubt' })),
      );
    },
  );

  test.each(promised)('in ledger.head, which %s, harms nothing: what is written next says the same', async (way) => {
    let strokes = 0;
    const fault: Fault = { port: 'ledger', method: 'head', way, isA: byDocument as Asked as Fault['isA'] };
    const played = await play(fault, {
      changes: (ports) => ({ ...withHeads(ports), ...withFault(fault, ports, () => (strokes += 1)) }),
    });
    expect(strokes).toBe(1);
    expect(played.ended).toBe(true);
    expect(everyOther(played)).toEqual(['b', 'c']);
    expect(played.asked).toEqual(['a', 'b', 'c']);
    expect(ENDS).toContain(lastOf(played.events, 'a')?.type);
  });

  test.each([
    ['outbox', 'withdrawFailure'],
    ['ledger', 'reopen'],
  ] as const)('in %s.%s, when failures are taken back, keeps to those documents', async (port, method) => {
    const time = promiseTime();
    const ids = ['a', 'b', 'c', 'd', 'e', 'f'];
    const refusals = Object.fromEntries(ids.map((id) => [id, [refusedRequest, answer]]));
    const verdicts = { ...refusals, f: [answer] };
    const fault: Fault = { port, method, way: 'rejects', isA: byId };
    const events: PipelineEvent[] = [];
    let ended = false;
    const shown = ids.map((id) => [0, { type: 'document-seen', document: document(id), initial: true }] as const);
    const running = runningPipeline(time.clock, {
      inbox: timeline(time.clock, shown, 1),
      concurrency: 1,
      verdicts,
      changes: (ports) => withFault(fault, ports, () => undefined),
    });
    time.schedule(() => running.gate.resume({ scope: 'model', model: 'model' }), 5000);
    running.events.subscribe({
      next: (event) => void events.push(event),
      complete: () => {
        ended = true;
      },
    });
    await time.play();
    expect(ended).toBe(true);
    expect(lastOf(events, 'f')).toMatchObject({ type: 'document-succeeded' });
    for (const id of ids) expect([...ENDS, 'document-reopened']).toContain(lastOf(events, id)?.type);
  });
});

test('a mistake that shows after a wait is kept to its document, which was asked once', async () => {
  const fault: Fault = {
    port: 'ledger',
    method: 'begin',
    way: 'rejects',
    isA: ((attempt: { document: { id: string }; number: number }) =>
      attempt.document.id === 'a' && attempt.number === 2) as Asked as Fault['isA'],
  };
  const played = await play(fault, { verdicts: { a: [retryVerdict()] } });
  expect(played.ended).toBe(true);
  expect(everyOther(played)).toEqual(['b', 'c']);
  expect(lastOf(played.events, 'a')).toMatchObject({ type: 'document-failed', code: 'unexpected' });
  expect(played.asked.filter((id) => id === 'a')).toHaveLength(1);
});
