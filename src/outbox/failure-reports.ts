import type { FailureReport } from '../domain/ports.ts';
import { formatFailureReport, type ReportedVersion, readReportedVersion } from './failure-report.ts';
import type { DocumentFolder } from './open-document-folder.ts';

/** What failed, as files in a folder. What its methods throw or reject with is `DiskTrouble` or `PathTrouble`. */
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
    this.#folder.requireRoom(id, ['.error.json', '.partial.md']);
  }

  versionOf(id: string): ReportedVersion | null {
    return readReportedVersion(this.#folder.pathOf(id, '.error.json'));
  }

  /** Resolves to the report's path below the folder. */
  async file(report: FailureReport, partial: string | null): Promise<string> {
    const { id } = report.document;
    const folder = this.#folder;
    await (partial === null ? folder.remove(id, '.partial.md') : folder.write(id, '.partial.md', partial));
    return folder.write(id, '.error.json', formatFailureReport(report, this.#program, this.#now()));
  }

  /** The report goes last: as long as it is there, the document has failed. */
  async withdraw(id: string, before?: number): Promise<void> {
    await this.#folder.remove(id, '.partial.md', before);
    await this.#folder.remove(id, '.error.json', before);
  }
}
