import { existsSync } from 'node:fs';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DiskError } from '../../src/domain/errors.ts';
import { type Database, openDatabase } from '../../src/ledger/sqlite.ts';
import { errorCode } from '../../src/lib/errors.ts';

interface LedgerVersion {
  readonly document: string;
  readonly sha256: string;
  readonly state: string;
  readonly code: string | null;
}

export interface LedgerAttempt {
  readonly document: string;
  readonly sha256: string;
  readonly number: number;
  readonly ended: 0 | 1;
  readonly code: string | null;
  readonly verdict: string | null;
  readonly billing: string | null;
  readonly cost: number | null;
}

/** What a ledger says, read as a stranger would: by SQL alone. */
export interface LedgerFacts {
  /** What SQLite's own checks complain of. */
  readonly complaints: readonly unknown[];
  /** The current version of each document. */
  readonly versions: readonly LedgerVersion[];
  /** Oldest first. */
  readonly attempts: readonly LedgerAttempt[];
}

const EMPTY: LedgerFacts = { complaints: [], versions: [], attempts: [] };

const VERSIONS = 'SELECT document, sha256, state, code FROM versions WHERE current';
const ATTEMPTS = `
  SELECT document, sha256, number, ended_at IS NOT NULL AS ended, attempts.code, verdict, billing, cost_usd AS cost
  FROM attempts JOIN versions USING (version_id)
  ORDER BY sending_at, number`;

/**
 * Reads the ledger of a workspace that nobody works on. What it reads is a copy: to open the ledger itself would put in
 * order what a killed process left, and that is the next process's to do.
 */
export async function readLedger(root: string): Promise<LedgerFacts> {
  const original = join(root, '.sluice');
  if (!existsSync(join(original, 'ledger.db'))) return EMPTY;
  const copy = await mkdtemp(join(tmpdir(), 'sluice-ledger-'));
  try {
    await copyWhole(original, copy);
    return readCopy(join(copy, 'ledger.db'));
  } catch (error) {
    if (!(error instanceof DiskError)) throw error;
    return { ...EMPTY, complaints: [error.message] };
  } finally {
    await rm(copy, { recursive: true });
  }
}

/** A log that a run in this process left open goes when that is garbage, maybe in the middle: then it begins again. */
async function copyWhole(original: string, copy: string): Promise<void> {
  try {
    await cp(original, copy, { recursive: true, filter: (path) => !path.endsWith('lock.db') });
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
    await rm(copy, { recursive: true });
    await copyWhole(original, copy);
  }
}

/** Attempts that the ledger of a workspace knows no end of, as `DOCUMENT 2`. */
export async function callsInFlight(root: string): Promise<readonly string[]> {
  const { attempts } = await readLedger(root);
  return attempts.filter(({ ended }) => ended === 0).map(({ document, number }) => `${document} ${number}`);
}

function readCopy(file: string): LedgerFacts {
  const database = openDatabase(file);
  try {
    const complaints = complaintsOf(database);
    const isNew = database.prepare("SELECT 1 FROM sqlite_master WHERE name = 'attempts'").all().length === 0;
    if (isNew) return { ...EMPTY, complaints };
    return {
      complaints,
      versions: database.prepare<LedgerVersion>(VERSIONS).all(),
      attempts: database.prepare<LedgerAttempt>(ATTEMPTS).all(),
    };
  } finally {
    database.close();
  }
}

function complaintsOf(database: Database): readonly unknown[] {
  const checks = ['PRAGMA integrity_check', 'PRAGMA foreign_key_check'];
  const rows = checks.flatMap((check): unknown[] => database.prepare(check).all());
  return rows.filter((row) => JSON.stringify(row) !== '{"integrity_check":"ok"}');
}
