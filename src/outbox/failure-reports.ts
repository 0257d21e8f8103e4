import { readFileSync } from 'node:fs';
import type { DocumentRef } from '../domain/document.ts';
import { PathError } from '../domain/errors.ts';
import type { FailureReport } from '../domain/ports.ts';
import type { ResultPlace } from '../domain/request.ts';
import { errorCode, errorMessage } from '../lib/errors.ts';
import { asObject, parseJson } from '../lib/json.ts';
import { type DocumentFolder, fileAt } from './document-folder.ts';
import { FolderNames } from './folder-looks.ts';

const REPORT = '.error.json';
const PARTIAL = '.partial.md';

/** Failure reports as files in a folder. Methods throw, or reject with, `DiskError` or `PathError`. */
export class FailureReports {
  readonly #folder: DocumentFolder;
  readonly #names: FolderNames;
  readonly #program: string;
  readonly #now: () => Date;

  constructor(folder: DocumentFolder, program: string, now: () => Date) {
    this.#folder = folder;
    this.#names = new FolderNames(folder.path);
    this.#program = program;
    this.#now = now;
  }

  requireRoom(id: string): void {
    const place = placeOf(id);
    for (const suffix of [REPORT, PARTIAL])
      if (this.#mayHold(place, suffix)) this.#folder.requireNoFolder(place, suffix);
    this.#folder.requireRights(place);
  }

  versionOf(id: string): ReportedVersion | null {
    const place = placeOf(id);
    return this.#mayHold(place, REPORT) ? readReportedVersion(this.#folder.pathOf(place, REPORT)) : null;
  }

  /** Resolves to the report's path below the folder. */
  async file(report: FailureReport, partial: string | null): Promise<string> {
    const place = placeOf(report.document.id);
    try {
      await (partial === null ? this.#remove(place, PARTIAL) : this.#folder.write(place, PARTIAL, partial));
      return await this.#folder.write(place, REPORT, formatFailureReport(report, this.#program, this.#now()));
    } finally {
      this.#names.forget();
    }
  }

  /** The report goes last: as long as it is there, the document has failed. */
  async withdraw(id: string, before?: number): Promise<void> {
    const place = placeOf(id);
    await this.#remove(place, PARTIAL, before);
    await this.#remove(place, REPORT, before);
  }

  async #remove(place: ResultPlace, suffix: string, before?: number): Promise<void> {
    if (this.#mayHold(place, suffix)) await this.#folder.remove(place, suffix, before);
  }

  #mayHold(place: ResultPlace, suffix: string): boolean {
    return this.#names.mayHold(this.#folder.below(this.#folder.pathOf(place, suffix)));
  }
}

/** By the id alone, whatever the recipe calls results. */
function placeOf(id: string): ResultPlace {
  return { name: id, ending: '' };
}

type ReportedVersion = Pick<DocumentRef, 'size' | 'mtimeMs'>;

export function formatFailureReport(report: FailureReport, program: string, failedAt: Date): string {
  const { document, code, reason, attempts } = report;
  const howToRetry = 'Delete this file, change the document, or name it to the command retry, and it is tried again.';
  const fields = { program, failedAt: failedAt.toISOString(), document, code, reason, howToRetry, attempts };
  return `${JSON.stringify(fields, null, 2)}\n`;
}

/**
 * The document version of a report; null if there is no report. If people changed the report, it may be one that matches
 * no document (both NaN): then it counts only together with what the ledger remembers.
 *
 * @throws PathError if the report cannot be read, or reached; DiskError if the disk does not say whether it is there
 */
export function readReportedVersion(file: string): ReportedVersion | null {
  if (fileAt(file) === undefined) return null;
  try {
    const { size, mtimeMs } = asObject(asObject(parseJson(readFileSync(file, 'utf8')))['document']);
    const isWhole = typeof size === 'number' && typeof mtimeMs === 'number';
    return isWhole ? { size, mtimeMs } : { size: Number.NaN, mtimeMs: Number.NaN };
  } catch (error) {
    // It was there a moment ago.
    if (errorCode(error) === 'ENOENT') return null;
    throw new PathError(`The report ${file} cannot be read: ${errorMessage(error)}`, { cause: error });
  }
}
