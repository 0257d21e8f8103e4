import { readFileSync } from 'node:fs';
import { errorCode, errorMessage, PathTrouble } from '../domain/errors.ts';
import type { FailureReport } from '../domain/ports.ts';
import { isRecord, parseJson } from '../lib/json.ts';
import { fileAt } from './file-at.ts';

export interface ReportedVersion {
  readonly size: number;
  readonly mtimeMs: number;
}

/** Matches no document: the report says that one failed, and no longer which version. */
const UNKNOWN_VERSION: ReportedVersion = { size: Number.NaN, mtimeMs: Number.NaN };

export function formatFailureReport(report: FailureReport, program: string, failedAt: Date): string {
  const { document, code, reason, attempts } = report;
  const howToRetry = 'Delete this file, change the document, or run sluice retry, and it is tried again.';
  const fields = { program, failedAt: failedAt.toISOString(), document, code, reason, howToRetry, attempts };
  return `${JSON.stringify(fields, null, 2)}\n`;
}

/**
 * The document version that a report speaks of; null where there is no report. One that is not as it was written gives
 * a version that matches no document (both NaN): it counts only together with what the ledger remembers.
 *
 * @throws PathTrouble where the report cannot be read, or reached; DiskTrouble where the disk does not tell
 */
export function readReportedVersion(file: string): ReportedVersion | null {
  if (fileAt(file) === undefined) return null;
  const text = read(file);
  return text === null ? null : (versionIn(parseJson(text)) ?? UNKNOWN_VERSION);
}

/** Null where it went since it was looked for. */
function read(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return null;
    throw new PathTrouble(`The report ${file} cannot be read: ${errorMessage(error)}`, { cause: error });
  }
}

function versionIn(report: unknown): ReportedVersion | null {
  const document = isRecord(report) ? report['document'] : null;
  if (!isRecord(document)) return null;
  const { size, mtimeMs } = document;
  return typeof size === 'number' && typeof mtimeMs === 'number' ? { size, mtimeMs } : null;
}
