import type { Answer } from '../domain/reply.ts';
import { isRecord, parseJson } from '../lib/json.ts';
import { textOf } from './sqlite.ts';

/** What an answer has beside its text. */
type BesideText = Pick<Answer, 'extras' | 'notes'>;

/** As the column `extras` holds it; null where there is nothing, as in most. */
export function besideToJson({ extras, notes }: BesideText): string | null {
  return notes.length === 0 && Object.keys(extras).length === 0 ? null : JSON.stringify({ extras, notes });
}

/** What `besideToJson` wrote, read as a blob. Of what is no longer readable nothing is left: the answer itself is worth more. */
export function besideFromJson(json: ArrayBuffer | null): BesideText {
  const written = json === null ? undefined : parseJson(textOf(json));
  if (!isRecord(written) || !isRecord(written['extras']) || !Array.isArray(written['notes']))
    return { extras: {}, notes: [] };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- nobody else writes it
  return written as unknown as BesideText;
}
