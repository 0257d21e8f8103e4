import { of } from 'rxjs';
import type { DocumentContent } from '../../src/domain/document.ts';
import type { DocumentRecord } from '../../src/domain/ledger.ts';
import type { Seat } from '../../src/domain/ports.ts';
import { createGate, type GateControl } from '../../src/gate/gate.ts';
import type { Clock } from '../../src/lib/clock.ts';
import type { Question } from '../../src/pipeline/call-outcome.ts';
import type { AskPorts, AskSettings } from '../../src/pipeline/context.ts';
import { DiskGuard } from '../../src/pipeline/disk-retry.ts';
import { Bulk } from '../../src/pipeline/memory-limit.ts';
import { FirstAttempts } from '../../src/pipeline/model-check.ts';
import { Flights } from '../../src/pipeline/single-flight.ts';
import {
  answer,
  asText,
  document,
  MemoryOutbox,
  oneRequest,
  openPurse,
  outcomeOf,
  preparedAs,
  recipe,
} from './in-memory.ts';
import { MemoryLedger } from './memory-ledger.ts';

export interface PortsInMemory extends AskPorts {
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
  return { state: 'done', size: 1, mtimeMs: 1, api: 'api', recipe: 'recipe', dueAt: null, ...changes };
}

export const question: Question = {
  document: content.document,
  sha256: content.sha256,
  recipe,
  fingerprint: 'fingerprint of a',
};

/** A seat at a gate that has nothing against any call. */
export const freeSeat: Seat = { reserve: () => of({ kind: 'reserved' }), fly: (call) => call(), heed: () => undefined };

/** Ports that live in memory: every document is read as `content`, every attempt answers at once. */
export function portsInMemory(clock: Clock, changes: Partial<AskPorts> = {}): PortsInMemory {
  const gate = createGate({ concurrency: 1, concurrencyMax: 256, pacer: null, budget: null, openPurse, clock });
  return {
    inbox: { read: () => of({ kind: 'read', content }), release: ({ id }) => of(id) },
    recipes: { choose: () => recipe },
    converter: asText,
    dialogue: oneRequest,
    llm: {
      prepare: () =>
        preparedAs(({ number }) => of({ kind: 'ended', outcome: outcomeOf(number, answer, 'the answer') })),
    },
    prices: { of: () => null },
    models: { facts: () => of(null) },
    firstAttempts: new FirstAttempts(),
    flights: new Flights(),
    disk: new DiskGuard(gate, clock),
    bulk: new Bulk(),
    ...changes,
    gate,
    ledger: new MemoryLedger(),
    outbox: new MemoryOutbox(),
  };
}

export function settingsBy(clock: Clock, changes: Partial<AskSettings> = {}): AskSettings {
  return {
    api: 'api',
    redo: 'changed',
    retries: 2,
    retryDelaySeconds: 2,
    inDoubt: 'resend',
    waitsForParked: true,
    after: 'keep',
    receipts: false,
    startedAt: '2026-01-01T00:00:00.000Z',
    clock,
    random: () => 1,
    ...changes,
  };
}
