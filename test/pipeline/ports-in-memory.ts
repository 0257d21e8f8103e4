import { mergeMap } from 'rxjs';
import type { DocumentContent } from '../../src/domain/document.ts';
import type { PipelineEvent } from '../../src/domain/events.ts';
import type { DocumentRecord } from '../../src/domain/ledger.ts';
import type { Slot } from '../../src/domain/ports.ts';
import type { GateControl } from '../../src/gate/gate.ts';
import type { Clock } from '../../src/lib/clock.ts';
import { type Context, createContext, type PipelinePorts, type PipelineSettings } from '../../src/pipeline/context.ts';
import type { Question } from '../../src/pipeline/disposition.ts';
import { processDocument } from '../../src/pipeline/process-document.ts';
import type { WorkItem } from '../../src/pipeline/work-item.ts';
import {
  answer,
  asText,
  document,
  ended,
  gateOf,
  inboxOf,
  MemoryOutbox,
  oneRequest,
  outcomeOf,
  preparedAs,
  recipe,
  settingsBy,
} from './in-memory.ts';
import { MemoryLedger } from './memory-ledger.ts';

/** The context of a run whose ports live in memory. */
export interface ContextInMemory extends Context {
  readonly gate: GateControl;
  readonly ledger: MemoryLedger;
  readonly outbox: MemoryOutbox;
}

/** The first version of document `a`, as it was read. */
export const content: DocumentContent = {
  document: document('a'),
  sha256: 'a#1',
  files: [{ name: 'a', bytes: Buffer.from('text of a') }],
};

/** What the ledger says of it once it was answered, but for what `changes` says. */
export function recordOfA(changes: Partial<DocumentRecord> = {}): DocumentRecord {
  const file = { size: 1, mtimeMs: 1, ctimeMs: null, inode: null };
  const readers = (changes.state ?? 'done') === 'done' ? [] : null;
  return { state: 'done', ...file, api: 'api', recipe: 'recipe', dueAt: null, readers, ...changes };
}

export const question: Question = {
  document: content.document,
  sha256: content.sha256,
  recipe,
  fingerprint: 'fingerprint of a',
};

/** A slot at a gate that lets every call pass. */
export const freeSlot: Slot = {
  reserve: async () => ({ kind: 'reserved' }),
  call: (call) => call(),
  settling: () => undefined,
  release: () => undefined,
};

export type PortChanges = Partial<Omit<PipelinePorts, 'gate' | 'ledger' | 'outbox'>> & {
  readonly gate?: GateControl;
  readonly ledger?: MemoryLedger;
  readonly outbox?: MemoryOutbox;
};

/**
 * A run over ports that live in memory: every document is read as `content`, every call is answered at once, and the
 * gate, the real one, lets one call out at a time.
 */
export function contextInMemory(
  clock: Clock,
  changes: PortChanges = {},
  settings: Partial<PipelineSettings> = {},
): ContextInMemory {
  const ports = {
    inbox: {
      events: inboxOf(),
      read: async () => ({ kind: 'read', content }),
      release: async ({ id }) => ({ to: id }),
    },
    recipes: { choose: () => recipe },
    converter: asText,
    conversation: oneRequest,
    llm: { prepare: () => preparedAs(({ number }) => ended(outcomeOf(number, answer, 'the answer'))) },
    prices: { of: () => null },
    models: { facts: async () => null, misnamed: () => [], meant: async () => [] },
    gate: gateOf(clock, { concurrency: 1 }),
    ledger: new MemoryLedger(),
    outbox: new MemoryOutbox(),
    ...changes,
  } satisfies PipelinePorts;
  const context = createContext(ports, settingsBy(clock, settings));
  ports.gate.closing.subscribe(() => context.closing.fire());
  ports.gate.cutting.subscribe(() => context.cutting.fire());
  return { ...context, ...ports };
}

/** A document that is being processed. */
export interface Processing {
  /** What was reported so far. */
  readonly events: PipelineEvent[];
  readonly isDone: () => boolean;
  /** Leaves the stream. */
  readonly leave: () => void;
}

/** Processes a document as the pipeline does: it comes back after its waits, and ends. */
export function processing(context: Context, item: WorkItem): Processing {
  const events: PipelineEvent[] = [];
  let isDone = false;
  const stream = context.queue.items$.pipe(mergeMap((next) => processDocument(context, next))).subscribe({
    next: (event) => void events.push(event),
    complete: () => {
      isDone = true;
    },
  });
  context.queue.add(item);
  context.queue.end();
  return { events, isDone: () => isDone, leave: () => stream.unsubscribe() };
}
