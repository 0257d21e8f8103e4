import { of } from 'rxjs';
import type { DocumentContent } from '../../src/domain/document.ts';
import type { DocumentRecord } from '../../src/domain/ports.ts';
import { createGate, type GateControl } from '../../src/gate/create-gate.ts';
import type { AskPorts, AskSettings } from '../../src/stages/ask-ports.ts';
import { DiskGuard } from '../../src/stages/disk-guard.ts';
import { FirstAttempts } from '../../src/stages/first-attempts.ts';
import type { Clock } from '../../src/stream/clock.ts';
import { answer, document, MemoryLedger, MemoryOutbox, outcomeOf } from './in-memory.ts';

export interface PortsInMemory extends AskPorts {
  readonly gate: GateControl;
  readonly ledger: MemoryLedger;
  readonly outbox: MemoryOutbox;
}

/** The first version of document `a`, as it was read. */
export const content: DocumentContent = { document: document('a'), sha256: 'a#1', text: 'text of a' };

/** What the ledger says of it once it was answered, but for what `changes` says. */
export function recordOfA(changes: Partial<DocumentRecord> = {}): DocumentRecord {
  return { state: 'done', size: 1, mtimeMs: 1, sha256: 'a#1', api: 'api', ...changes };
}

export const recipe = {
  name: '',
  model: 'model',
  render: ({ text }: DocumentContent) => ({ model: 'model', messages: [{ role: 'user' as const, content: text }] }),
};

/** Ports that live in memory: every document is read as `content`, every attempt answers at once. */
export function portsInMemory(clock: Clock, changes: Partial<AskPorts> = {}): PortsInMemory {
  const gate = createGate({ concurrency: 1, clock });
  return {
    inbox: { read: () => of({ kind: 'read', content }) },
    recipes: { choose: () => recipe },
    llm: { attempt: (_, number) => of(outcomeOf(number, answer, 'the answer')) },
    firstAttempts: new FirstAttempts(),
    disk: new DiskGuard(gate, clock),
    ...changes,
    gate,
    ledger: new MemoryLedger(),
    outbox: new MemoryOutbox(),
  };
}

export function settingsBy(clock: Clock): AskSettings {
  return { api: 'api', retries: 2, retryDelaySeconds: 2, waitsForParked: true, clock, random: () => 1 };
}
