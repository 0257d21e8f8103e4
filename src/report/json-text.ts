import { isRecord } from '../lib/json.ts';
import { ExactNumber } from './exact-number.ts';

/** As JSON.stringify writes what was JSON before, exact numbers by their own digits; fields that are undefined are left out. */
export function jsonText(value: unknown): string {
  if (value instanceof ExactNumber) return String(value);
  if (Array.isArray(value)) return `[${value.map((item) => jsonText(item)).join(',')}]`;
  return isRecord(value) ? `{${fieldsOf(value).join(',')}}` : JSON.stringify(value);
}

function fieldsOf(record: Readonly<Record<string, unknown>>): readonly string[] {
  return Object.entries(record)
    .filter(([, field]) => field !== undefined)
    .map(([key, field]) => `${JSON.stringify(key)}:${jsonText(field)}`);
}
