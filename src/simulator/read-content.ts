import { isRecord, type JsonRecord } from '../lib/json.ts';
import { type ApiError, badRequest } from './api-error.ts';
import { type ContentInput, readInput } from './content-input.ts';

/** What a message holds. */
export interface Content {
  /** Its texts, a line each. */
  readonly text: string;
  readonly inputs: readonly ContentInput[];
  /** Where in `text` parts end that are marked with `cache_control`. */
  readonly marks: readonly number[];
  /** What the API would say of the first part that is no good; null where all are. */
  readonly flaw: ApiError | null;
}

/** Content is a text, a list of parts, or nothing. */
export function readContent(content: unknown): Content {
  if (typeof content === 'string') return { text: content, inputs: [], marks: [], flaw: null };
  const parts: readonly unknown[] = Array.isArray(content) ? content : [];
  const texts: string[] = [];
  const inputs: ContentInput[] = [];
  const marks: number[] = [];
  let flaw: ApiError | null = null;
  for (const part of parts) {
    const read = readPart(part);
    if (typeof read === 'string') texts.push(read);
    else if ('code' in read) flaw ??= read;
    else inputs.push(read);
    if (isRecord(part) && isRecord(part['cache_control'])) marks.push(texts.join('\n').length);
  }
  return { text: texts.join('\n'), inputs, marks, flaw };
}

function readPart(part: unknown): string | ContentInput | ApiError {
  if (!isRecord(part)) return badRequest('invalid_request', 'A content part is no object');
  return part['type'] === 'text' ? readText(part) : readInput(part);
}

function readText({ text }: JsonRecord): string | ApiError {
  return typeof text === 'string' ? text : badRequest('invalid_request', 'A text part has no text');
}
