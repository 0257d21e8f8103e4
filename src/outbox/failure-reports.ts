import { readFileSync } from 'node:fs';
import { PathError } from '../domain/errors.ts';
import type { FailureReport } from '../domain/ports.ts';
import type { ResultPlace } from '../domain/request.ts';
import { errorCode, errorMessage } from '../lib/errors.ts';
import { isRecord, parseJson } from '../lib/json.ts';
import { type DocumentFolder, fileAt } from './document-folder.ts';

/** What failed, as files in a folder. What its methods throw or reject with is `DiskError` or `PathError`. */
export class FailureReports {
  readonly #folder: DocumentFolder;
  readonly #program: string;
  readonly #now: () => Date;

  constructor(folder: DocumentFolder, program: string, now: () => Date) {
    this.#folder = folder;
    this.#program = program;
    this.#now = now;
  }

  requireRoom(id: string): void {
    this.#folder.requireRoom(placeOf(id), ['.error.json', '.partial.md']);
  }

  versionOf(id: string): ReportedVersion | null {
    return readReportedVersion(this.#folder.pathOf(placeOf(id), '.error.json'));
  }

  /** Resolves to the report's path below the folder. */
  async file(report: FailureReport, partial: string | null): Promise<string> {
    const place = placeOf(report.document.id);
    const folder = this.#folder;
    await (partial === null ? folder.remove(place, '.partial.md') : folder.write(place, '.partial.md', partial));
    return folder.write(place, '.error.json', formatFailureReport(report, this.#program, this.#now()));
  }

  /** The report goes last: as long as it is there, the document has failed. */
  async withdraw(id: string, before?: number): Promise<void> {
    await this.#folder.remove(placeOf(id), '.partial.md', before);
    await this.#folder.remove(placeOf(id), '.error.json', before);
  }
}

/** By the id alone, whatever the recipe calls results. */
function placeOf(id: string): ResultPlace {
  return { name: id, ending: '' };
}

interface ReportedVersion {
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
 * @throws PathError where the report cannot be read, or reached; DiskError where the disk does not tell
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
    throw new PathError(`The report ${file} cannot be read: ${errorMessage(error)}`, { cause: error });
  }
}

function versionIn(report: unknown): ReportedVersion | null {
  const document = isRecord(report) ? report['document'] : null;
  if (!isRecord(document)) return null;
  const { size, mtimeMs } = document;
  return typeof size === 'number' && typeof mtimeMs === 'number' ? { size, mtimeMs } : null;
}
