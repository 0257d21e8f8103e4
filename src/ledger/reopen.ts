import { UsageError } from '../domain/errors.ts';
import type { ReopenRequest } from '../domain/receipt.ts';
import { openExisting } from './reader.ts';
import { REOPEN } from './write-statements.ts';

/** Rows of one transaction: a longer one would hold up the process that works on the workspace. */
const CHUNK = 1000;

/** A document that failed, was held, or was not due yet (`parked`), and may be asked now. */
export interface ReopenedDocument {
  readonly id: string;
  readonly was: 'failed' | 'held' | 'parked';
}

interface Candidate {
  readonly version_id: number;
  readonly document: string;
  readonly state: 'failed' | 'held' | 'pending';
  readonly code: string | null;
}

const IS_CANDIDATE = "(state IN ('failed', 'held') OR state = 'pending' AND due_at IS NOT NULL)";

const CANDIDATES = `
  SELECT version_id, document, state, code FROM versions
  WHERE current = 1 AND ${IS_CANDIDATE} ORDER BY document`;

/** Does nothing if it was taken up again meanwhile. */
const REOPEN_CANDIDATE = `
  ${REOPEN} WHERE version_id = ? AND ${IS_CANDIDATE} RETURNING document`;

/**
 * Takes documents back into work that failed, are held, or wait for a due time; their attempts so far no longer count. Works
 * beside the process that holds the workspace, and leaves it to that one to move the log into the database. `folder` is its
 * `.sluice/`. Returns what was taken back; null if nothing was recorded yet.
 *
 * @throws UsageError if no failure has the code that is asked for
 * @throws DiskError
 */
export function reopenDocuments(
  folder: string,
  { matches, code }: ReopenRequest,
  now: () => Date = () => new Date(),
): readonly ReopenedDocument[] | null {
  const database = openExisting(folder, {});
  if (database === null) return null;
  try {
    const candidates = database.prepare<Candidate>(CANDIDATES).all();
    requireKnown(code, candidates);
    const meant = candidates.filter(
      (candidate) => (code === null || candidate.code === code) && matches(candidate.document),
    );
    const reopen = database.prepare<{ document: string }>(REOPEN_CANDIDATE);
    const isReopened = ({ version_id: version }: Candidate) => reopen.get([now().toISOString(), version]) !== undefined;
    const reopened: Candidate[] = [];
    for (let from = 0; from < meant.length; from += CHUNK)
      reopened.push(...database.transaction(() => meant.slice(from, from + CHUNK).filter(isReopened)));
    return reopened.map(({ document: id, state }) => ({ id, was: state === 'pending' ? 'parked' : state }));
  } finally {
    database.close();
  }
}

function requireKnown(code: string | null, candidates: readonly Candidate[]): void {
  const known = [...new Set(candidates.flatMap((candidate) => candidate.code ?? []))].toSorted();
  if (code === null || known.length === 0 || known.includes(code)) return;
  throw new UsageError(
    `No document failed for the reason ${JSON.stringify(code)}. The reasons are: ${known.join(', ')}.`,
  );
}
