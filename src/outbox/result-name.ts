import { createHash } from 'node:crypto';

/** Keeps a name, or gives another where it is taken. `id` is what the name stands for; a folder's ends with `/`. */
export type Claim = (folder: string, name: string, id: string) => string;

/** A name's bytes that are kept as they are. What is cut is longer than this, so that the two cannot meet. */
const KEPT_BYTES = 233;

/**
 * Bytes that a cut name keeps of the whole: with `-`, eight digits and the longest ending (`.json.receipt.json`) it has
 * 255 at most.
 */
const CUT_BYTES = 228;

/** A folder with a name like a result's; a name that already carries the hash for that is given another. */
const LIKE_A_RESULT = /\.(?:md|json)(?:-[0-9a-f]{8})*$/i;

/** A document whose result, as JSON, would be called like the receipt of another. */
const LIKE_A_RECEIPT = /\.(?:md|json)\.receipt(?:-[0-9a-f]{8})*$/i;

const PLAIN = /^(?!.*\.(?:md|json)(?:[^/]*\/|\.receipt))/is;
const OUTSIDE = /(?:^|\/)\.{0,2}(?:\/|$)|\0/;

/**
 * Where a document's result, receipt and reports lie below their folder, without the ending (`.md`, `.md.receipt.json`,
 * `.error.json`, `.partial.md`): the id itself, except that
 *
 * - a name of more than 233 bytes is cut at a character boundary and gets `-` and eight hex digits of a SHA-256: of
 *   the id, or of a folder's path;
 * - a folder whose name ends as a result's does (`notes.md/`) gets those digits: the result of a document `notes` lies
 *   there;
 * - so does a document whose name ends as a result's does before `.receipt.json` (`notes.md.receipt`);
 * - a path of more than `limit` bytes becomes one such name at the top;
 * - on a file system that folds case or Unicode, `claim` gives them to whoever comes second.
 *
 * So the name follows from the id alone wherever names are kept apart as they are in the inbox.
 *
 * @throws Error where the id would lead out of the folder: the inbox never gives such a one.
 */
export function resultName(id: string, limit: number, claim: Claim | null = null): string {
  if (OUTSIDE.test(id)) throw new Error(`Not the id of a document: ${JSON.stringify(id)}`);
  if (claim === null && id.length * 3 <= Math.min(KEPT_BYTES, limit) && PLAIN.test(id)) return id;
  const name = nameByName(id, claim ?? keep);
  return Buffer.byteLength(name) > limit ? cut(id.replaceAll('/', '_'), id) : name;
}

function nameByName(id: string, claim: Claim): string {
  let place = '';
  let start = 0;
  for (let end = id.indexOf('/'); end >= 0; end = id.indexOf('/', start)) {
    place += `${claim(place, safeName(id.slice(start, end), id.slice(0, end), LIKE_A_RESULT), id.slice(0, end + 1))}/`;
    start = end + 1;
  }
  const last = id.slice(start);
  return place + claim(place, safeName(last, id, LIKE_A_RECEIPT), id);
}

function safeName(name: string, path: string, taken: RegExp): string {
  return Buffer.byteLength(name) > KEPT_BYTES || taken.test(name) ? cut(name, path) : name;
}

/** As much of a name as fits, with eight digits of the hash of `id`. */
export function cut(name: string, id: string): string {
  const hash = createHash('sha256').update(id).digest('hex').slice(0, 8);
  const bytes = Buffer.from(name);
  let end = Math.min(bytes.length, CUT_BYTES);
  if (end < bytes.length) while (((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return `${bytes.toString('utf8', 0, end)}-${hash}`;
}

function keep(_folder: string, name: string): string {
  return name;
}
