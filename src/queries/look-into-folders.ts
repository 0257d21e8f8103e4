import { join } from 'node:path';
import type { Outbox } from '../domain/ports.ts';
import { readReportedVersion } from '../outbox/failure-report.ts';
import { fileAt } from '../outbox/file-at.ts';
import { resultName } from '../outbox/result-names.ts';

export type FolderLooks = Pick<Outbox, 'resultOf' | 'holds' | 'failedVersion'>;

/**
 * What lies in outbox and failed, without the probing and making of folders that filing needs. What filing
 * would have named otherwise is not found: of two names that the file system takes for one the second, and paths too
 * long for it.
 */
export function lookIntoFolders(outbox: string, failed: string): FolderLooks {
  return {
    resultOf: (place) => {
      const path = resultName(place, Number.POSITIVE_INFINITY) + place.ending;
      const file = fileAt(join(outbox, path));
      return file === undefined ? null : { path, mtimeMs: file.mtimeMs };
    },
    holds: (path) => fileAt(join(outbox, path)) !== undefined,
    failedVersion: (id) => readReportedVersion(join(failed, `${reportName(id)}.error.json`)),
  };
}

/** Where the reports of a document lie below their folder, without the ending. */
export function reportName(id: string): string {
  return resultName({ name: id, ending: '' }, Number.POSITIVE_INFINITY);
}
