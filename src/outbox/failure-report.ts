import { readFileSync } from 'node:fs';
import { isRecord } from '../domain/json.ts';
import type { FailureReport } from '../domain/ports.ts';
import { fileAt } from './file-at.ts';

export interface ReportedVersion {
  readonly size: number;
  readonly mtimeMs: number;
}

/** Matches no document: the report says that one failed, and no longer which version. */
const UNKNOWN_VERSION: ReportedVersion = { size: Number.NaN, mtimeMs: Number.NaN };

export function formatFailureReport(report: FailureReport, program: string, failedAt: Date): string {
  const { document, code, reason, attempts } = report;
  const howToRetry = 'Delete this file, or change the document, and it is tried again.';
  const fields = { program, failedAt: failedAt.toISOString(), document, code, reason, howToRetry, attempts };
  return `${JSON.stringify(fields, null, 2)}\n`;
}

/**
 * The document version that a report speaks of; null where there is no report. One that cannot be read gives a version
 * that matches no document (both NaN): it counts only together with what the ledger remembers.
 */
export function readReportedVersion(file: string): ReportedVersion | null {
  if (fileAt(file) === undefined) return null;
  try {
    return versionIn(JSON.parse(readFileSync(file, 'utf8'))) ?? UNKNOWN_VERSION;
  } catch {
    return UNKNOWN_VERSION;
  }
}

function versionIn(report: unknown): ReportedVersion | null {
  const document = isRecord(report) ? report['document'] : null;
  if (!isRecord(document)) return null;
  const { size, mtimeMs } = document;
  return typeof size === 'number' && typeof mtimeMs === 'number' ? { size, mtimeMs } : null;
}
