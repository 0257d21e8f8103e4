import { from, ignoreElements, map, merge, type Observable, type Subscription, takeUntil, timer } from 'rxjs';
import {
  type AttemptOutcome,
  type AttemptRecord,
  countsTowardsRetries,
  type Verdict,
} from '../../src/domain/attempt.ts';
import type { DocumentContent, DocumentRef, Provenance, ReadOutcome } from '../../src/domain/document.ts';
import { DiskError } from '../../src/domain/errors.ts';
import type { InboxEvent, PipelineEvent } from '../../src/domain/events.ts';
import type { KnownAnswer } from '../../src/domain/ledger.ts';
import type {
  Attempt,
  Conversation,
  Converter,
  FailureReport,
  FoundResult,
  Outbox,
  PathReservation,
  PreparedRequest,
} from '../../src/domain/ports.ts';
import type { Receipt } from '../../src/domain/receipt.ts';
import { PLAIN_HANDLING, type Recipe } from '../../src/domain/recipe.ts';
import type { Answer, ChatMessage, ResultPlace } from '../../src/domain/request.ts';
import { Budget } from '../../src/gate/budget.ts';
import { createGate, type GateControl, type GateSettings } from '../../src/gate/gate.ts';
import type { Clock } from '../../src/lib/clock.ts';
import type { PipelinePorts, PipelineSettings } from '../../src/pipeline/context.ts';
import { pipeline } from '../../src/pipeline/pipeline.ts';
import { RedoAll } from '../../src/pipeline/redo-all.ts';
import { MemoryLedger } from './memory-ledger.ts';

export function document(id: string, version = 1): DocumentRef {
  return { id, size: version, mtimeMs: version };
}

export function seen(id: string, version = 1, initial = true): InboxEvent {
  return { type: 'document-seen', document: document(id, version), initial };
}

/** An inbox that shows these documents at once, and no more. */
export function inboxOf(...ids: readonly string[]): Observable<InboxEvent> {
  return from(ids.map((id) => seen(id)));
}

/** An inbox that tells each of these at its moment (ms), and has no more to tell at `endsAt`. */
export function timeline(
  { scheduler }: Clock,
  told: readonly (readonly [atMs: number, event: InboxEvent])[],
  endsAt: number,
): Observable<InboxEvent> {
  const events = told.map(([atMs, event]) => timer(atMs, scheduler).pipe(map(() => event)));
  return merge(...events, timer(endsAt, scheduler).pipe(ignoreElements()));
}

/** An outbox of Maps. `refusals` is how many writes of results the disk still refuses. */
export class MemoryOutbox implements Outbox {
  readonly results = new Map<string, string>();
  /** When each result was written (ms since the epoch). @default 1 */
  readonly writtenAt = new Map<string, number>();
  readonly receipts = new Map<string, Receipt>();
  readonly attachments = new Map<string, readonly string[]>();
  readonly reports = new Map<string, FailureReport>();
  /** Documents whose path has a conflict, with the reason. */
  readonly conflicts = new Map<string, string>();
  /** Documents whose paths were released, in order. */
  readonly released: string[] = [];
  refusals = 0;
  /** Results end in an error that no disk gives. */
  broken = false;

  reservePath(id: string, place: ResultPlace): PathReservation {
    return { conflict: this.conflicts.get(id) ?? null, found: this.resultOf(place) };
  }

  releasePath(id: string): void {
    this.released.push(id);
  }

  resultOf({ name, ending }: ResultPlace): FoundResult | null {
    return this.results.has(name) ? { path: `${name}${ending}`, mtimeMs: this.writtenAt.get(name) ?? 1 } : null;
  }

  holds(path: string): boolean {
    return this.results.has(path.replace(/\.md$/, ''));
  }

  failedVersion(id: string): { readonly size: number; readonly mtimeMs: number } | null {
    return this.reports.get(id)?.document ?? null;
  }

  async fileResult(id: string, { ending }: ResultPlace, text: string): Promise<string> {
    if (this.broken) throw new TypeError('a mistake');
    this.refusals -= 1;
    if (this.refusals >= 0) throw new DiskError('no space left');
    this.results.set(id, text);
    this.reports.delete(id);
    return `${id}${ending}`;
  }

  async fileReceipt({ name }: ResultPlace, receipt: Receipt): Promise<void> {
    this.receipts.set(name, receipt);
  }

  async fileAttachments({ name }: ResultPlace, keep: readonly string[]): Promise<void> {
    this.attachments.set(name, keep);
  }

  async fileFailure(report: FailureReport, _partial: string | null): Promise<string> {
    this.reports.set(report.document.id, report);
    return `${report.document.id}.error.json`;
  }

  async withdrawFailure(id: string): Promise<void> {
    this.reports.delete(id);
  }
}

export const answer: Verdict = { kind: 'answer' };
export const fail: Verdict = { kind: 'fail', suspect: false };
export const refusedRequest: Verdict = { kind: 'fail', suspect: true };
export const pauseAccount: Verdict = { kind: 'pause', scope: 'account' };

export function retryVerdict(hintSeconds: number | null = null, cools: 'document' | 'model' = 'document'): Verdict {
  return { kind: 'retry', cools, hintSeconds, counts: hintSeconds === null };
}

function attemptRecord(number: number, verdict: Verdict, code: string = verdict.kind): AttemptRecord {
  return {
    number,
    startedAt: '2026-01-01T00:00:00.000Z',
    seconds: 0.001,
    status: verdict.kind === 'answer' ? 200 : 400,
    code,
    message: `it ended in ${code}`,
    provider: null,
    generationId: null,
    model: 'model',
    billing: verdict.kind === 'answer' ? 'known' : 'none',
    costUsd: verdict.kind === 'answer' ? 0.01 : null,
    costFrom: verdict.kind === 'answer' ? 'told' : null,
    promptTokens: null,
    cachedTokens: null,
    completionTokens: null,
    verdict: verdict.kind,
    counts: countsTowardsRetries(verdict, verdict.kind === 'answer' ? 'known' : 'none'),
  };
}

export function outcomeOf(number: number, verdict: Verdict, text: string): AttemptOutcome {
  const good = verdict.kind === 'answer';
  const reply = good ? { text, cut: false, extras: {} } : null;
  return { record: attemptRecord(number, verdict), verdict, reply, partial: null, annotations: null };
}

export type GateChoice = Partial<Pick<GateSettings, 'budget' | 'budgetFor' | 'longestCooldownSeconds'>> & {
  /** Calls in flight, at most. @default 5 */
  readonly concurrency?: number;
};

/** The real gate. */
export function gateOf(clock: Clock, { concurrency = 5, ...choice }: GateChoice = {}): GateControl {
  return createGate({
    concurrency,
    concurrencyMax: 256,
    configuredRate: null,
    budget: null,
    budgetFor: unlimitedBudget,
    ...choice,
    clock,
  });
}

/** Of which nothing is spent yet. */
function unlimitedBudget(): Budget {
  return new Budget({ limitUsd: Number.POSITIVE_INFINITY, spentUsd: 0, perDay: false, wall: () => 0 });
}

export interface Scenario extends GateChoice {
  /** What the inbox tells. */
  readonly inbox: Observable<InboxEvent>;
  /** The verdicts of each document's attempts in order; the last one goes on for ever. Default: an answer. */
  readonly verdicts?: Readonly<Record<string, readonly Verdict[]>>;
  /** What reading a document comes to, where it is not its content. */
  readonly reading?: Readonly<Record<string, ReadOutcome>>;
  /** The SHA-256 of documents that have another than their own. */
  readonly bytes?: Readonly<Record<string, string>>;
  /** What the ledger holds beforehand. */
  readonly ledger?: MemoryLedger;
  /** What the outbox holds beforehand. */
  readonly outbox?: MemoryOutbox;
  /** How long a call takes (ms). Default: 10. */
  readonly callMs?: number;
  readonly settings?: Partial<PipelineSettings>;
  /** Attempts end as those that never reached the API. */
  readonly unreachable?: boolean;
  /** Calls end in a mistake of the program. */
  readonly broken?: boolean;
  /** The document whose recipe cannot be chosen. */
  readonly noRecipeFor?: string;
  /** Ports in place of those that live in memory. */
  readonly changes?: (ports: PipelinePorts) => Partial<PipelinePorts>;
}

export interface Running {
  readonly events: Observable<PipelineEvent>;
  readonly gate: GateControl;
  readonly ledger: MemoryLedger;
  readonly outbox: MemoryOutbox;
  /** The ids of the documents that were asked, in order. */
  readonly asked: string[];
  /** The ids of the documents whose calls were aborted, in order. */
  readonly aborted: string[];
  /** How many calls were in flight at most. */
  readonly most: () => number;
}

/** The pipeline over ports that live in memory and a gate that is the real one. */
export function runningPipeline(clock: Clock, scenario: Scenario): Running {
  const ledger = scenario.ledger ?? new MemoryLedger();
  const outbox = scenario.outbox ?? new MemoryOutbox();
  const gate = gateOf(clock, scenario);
  const asked: string[] = [];
  const aborted: string[] = [];
  let inFlight = 0;
  let most = 0;

  const call = (id: string, number: number): Attempt => {
    const verdicts = scenario.verdicts?.[id] ?? [answer];
    const verdict = verdicts[Math.min(number, verdicts.length) - 1] ?? answer;
    asked.push(id);
    inFlight += 1;
    most = Math.max(most, inFlight);
    let reply: Subscription | null = null;
    const outcome = new Promise<AttemptOutcome>((resolve, reject) => {
      reply = clock.scheduler.schedule(() => {
        inFlight -= 1;
        const came = outcomeOf(number, verdict, `answer to ${id}`);
        if (scenario.broken) reject(new TypeError('a mistake'));
        else resolve(scenario.unreachable ? neverSent(came) : came);
      }, scenario.callMs ?? 10);
    });
    const abort = (): void => {
      if (reply?.closed !== false) return;
      inFlight -= 1;
      aborted.push(id);
      reply.unsubscribe();
    };
    return { outcome, abort };
  };

  const ports: PipelinePorts = {
    inbox: {
      events: scenario.inbox.pipe(takeUntil(gate.closing)),
      read: async (ref) => scenario.reading?.[ref.id] ?? reading(ref, scenario.bytes),
      release: async ({ id }) => ({ to: id }),
    },
    recipes: {
      choose: ({ id: chosen }) => {
        if (chosen === scenario.noRecipeFor) throw new TypeError('there is no recipe');
        return recipe;
      },
    },
    converter: asText,
    conversation: oneRequest,
    llm: { prepare: ({ messages }) => preparedAs(({ number }) => call(textOf(messages[0]), number)) },
    // A call costs a cent at most.
    prices: { of: () => ({ prompt: 0, completion: 0.0001, request: 0 }) },
    models: { facts: async () => null, misnamed: () => [], meant: async () => [] },
    gate,
    ledger,
    outbox,
  };
  const events = pipeline({ ...ports, ...scenario.changes?.(ports) }, settingsBy(clock, scenario.settings));
  return { events, gate, ledger, outbox, asked, aborted, most: () => most };
}

export function settingsBy(clock: Clock, changes: Partial<PipelineSettings> = {}): PipelineSettings {
  return {
    api: 'api',
    redo: 'changed',
    retries: 2,
    retryDelaySeconds: 2,
    waitsForParked: true,
    inDoubt: 'resend',
    after: 'keep',
    receipts: false,
    redoAll: changes.redo === 'all' ? new RedoAll({ asked: new Set(), onFinished: () => undefined }) : null,
    redoSince: '2026-01-01T00:00:00.000Z',
    openDocuments: 1000,
    limit: null,
    test: false,
    clock,
    random: () => 1,
    firstLook: true,
    ...changes,
  };
}

/** A request that is sent as `attempt` says. */
export function preparedAs(attempt: PreparedRequest['attempt']): PreparedRequest {
  const tokens = { promptTokensAtMost: 35, likelyPromptTokens: 10, maxTokens: 100, feesUsdAtMost: 0, surcharge: 1 };
  return { bodySha256: 'body', models: ['model'], bytes: 35, notes: [], ...tokens, attempt };
}

/** A call that has its outcome already. */
export function ended(outcome: AttemptOutcome): Attempt {
  return { outcome: Promise.resolve(outcome), abort: () => undefined };
}

/** Every file is text. */
export const asText: Converter = {
  convert: async ({ files }) => ({
    kind: 'converted',
    parts: files.map(({ bytes }) => ({ kind: 'text', text: bytes.toString() })),
    leftOut: {},
    readers: [],
  }),
  outdated: (readers) => (readers ?? []).filter((reader) => reader.endsWith('/1')),
};

/** Every document takes one request, and its reply is the answer. */
export const oneRequest: Conversation = {
  next: async ({ document: asked, parts, recipe: by }) => ({
    kind: 'ask',
    prompt: await by.render(asked, parts),
    judge: ({ text, extras }) => ({ kind: 'answer', answer: { ...plainAnswer(text), extras } }),
  }),
};

export const identity = { name: '', model: 'model', api: 'api', hash: 'recipe' };

/** The document's id is the prompt. */
export const recipe: Recipe = {
  ...identity,
  barred: null,
  handling: PLAIN_HANDLING,
  fixedTokens: 0,
  circumstances: () => '',
  place: ({ id }) => ({ name: id, ending: '.md' }),
  render: async ({ id }) => ({ model: 'model', messages: [{ role: 'user', content: id }] }),
};

function neverSent(outcome: AttemptOutcome): AttemptOutcome {
  return { ...outcome, record: { ...outcome.record, status: null, billing: 'none' } };
}

function reading(ref: DocumentRef, bytes: Scenario['bytes']): ReadOutcome {
  const sha256 = bytes?.[ref.id] ?? `${ref.id}#${ref.size}`;
  const files = [{ name: ref.id, bytes: Buffer.from(`text of ${ref.id}`) }];
  const content: DocumentContent = { document: ref, sha256, files };
  return { kind: 'read', content };
}

/** What is remembered of an answer to `id`. */
export function knownAnswer(
  text: string,
  id: string,
  attempt: AttemptRecord,
  provenance: Partial<Provenance> = {},
): KnownAnswer {
  return { ...plainAnswer(text), leftOut: {}, readers: [], ...provenance, document: id, attempt };
}

/** An answer with nothing beside its text. */
export function plainAnswer(text: string): Answer {
  return { text, extras: {}, notes: [] };
}

/** Of a message that is nothing but text. */
export function textOf(message: ChatMessage | undefined): string {
  return typeof message?.content === 'string' ? message.content : '';
}
