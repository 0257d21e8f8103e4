import type { FailureReport } from '../domain/ports.ts';
import type { ResultPlace } from '../domain/request.ts';
import type { DocumentFolder } from './document-folder.ts';
import { formatFailureReport, type ReportedVersion, readReportedVersion } from './failure-report.ts';

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
