import { join } from 'node:path';
import type { Outbox } from '../domain/ports.ts';
import { readReportedVersion } from '../outbox/failure-report.ts';
import { fileAt } from '../outbox/file-at.ts';
import { resultName } from '../outbox/result-name.ts';

/**
 * What lies in outbox and failed, without the probing and making of folders that filing needs. What filing
 * would have named otherwise is not found: of two names that the file system takes for one the second, and paths too
 * long for it.
 */
export function lookIntoFolders(outbox: string, failed: string): Pick<Outbox, 'resultOf' | 'failedVersion'> {
  return {
    resultOf: (id) => {
      const path = `${resultName(id, Infinity)}.md`;
      const file = fileAt(join(outbox, path));
      return file === undefined ? null : { path, mtimeMs: file.mtimeMs };
    },
    failedVersion: (id) => readReportedVersion(join(failed, `${resultName(id, Infinity)}.error.json`)),
  };
}
