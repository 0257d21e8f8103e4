import { defer, of } from 'rxjs';
import type { DocumentRecord, Ledger } from '../domain/ports.ts';

/** A ledger that forgets with the process: a trial leaves no trace. */
export function createMemoryLedger(): Ledger {
  const records = new Map<string, DocumentRecord>();
  return {
    recall: (id) => records.get(id),
    record: (id, record) => defer(() => of(void records.set(id, record))),
    forget: (id) => defer(() => of(void records.delete(id))),
  };
}
