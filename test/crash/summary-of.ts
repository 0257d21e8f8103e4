import { isRecord, parseJson } from '../../src/lib/json.ts';
import type { Summary } from '../../src/report/summary.ts';

/** The summary that `--json` printed; null where none was. */
export function summaryOf({ stdout }: { readonly stdout: string }): Summary | null {
  const value = parseJson(stdout);
  return isRecord(value) ? (value as unknown as Summary) : null;
}
