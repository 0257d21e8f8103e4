import { type AttemptRecord, unheard } from '../domain/attempt.ts';
import type { AttemptEntries } from './attempts.ts';
import type { Database } from './sqlite.ts';

/** An attempt that was in flight when its process died. */
export interface InterruptedAttempt {
  /** The document's id. */
  readonly id: string;
  readonly attempt: AttemptRecord;
}

interface SendingRow {
  readonly document: string;
  readonly sha256: string;
  readonly size: number;
  readonly mtimeMs: number;
  readonly number: number;
  readonly startedAt: string;
  readonly status: number | null;
  readonly generationId: string | null;
}

const SENDING = `
  SELECT document, sha256, size, modified_ms AS mtimeMs, number, sending_at AS startedAt, status,
    generation_id AS generationId
  FROM attempts JOIN versions USING (version_id)
  WHERE ended_at IS NULL ORDER BY attempt_id
`;

/** Notes the end of what was in flight. It may have been billed, on the day when it was sent; nobody timed it. */
export function endInterrupted(database: Database, attempts: AttemptEntries): readonly InterruptedAttempt[] {
  const rows = database.prepare<SendingRow>(SENDING).all();
  const ended = rows.map(({ document: id, sha256, size, mtimeMs, ...known }) => {
    const record = unheard({
      ...known,
      seconds: 0,
      code: 'process-died',
      message: 'The process died during the call.',
    });
    return { document: { id, size, mtimeMs }, sha256, record, answer: null, reply: null };
  });
  database.transaction(() => {
    for (const attempt of ended) attempts.end(attempt);
  });
  return ended.map(({ document, record }) => ({ id: document.id, attempt: record }));
}
