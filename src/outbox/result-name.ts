import { createHash } from 'node:crypto';

/** Keeps a name, or gives another where it is taken. `id` is what the name stands for; a folder's ends with `/`. */
export type Claim = (folder: string, name: string, id: string) => string;

/** A name's bytes that are kept as they are. What is cut is longer than this, so that the two cannot meet. */
const KEPT_BYTES = 240;

/** Bytes that a cut name keeps of the whole: with `-`, eight digits and the longest ending (11) it stays below 255. */
const CUT_BYTES = 235;

/** A folder with a name like a result's; a name that already carries the hash for that is given another. */
const LIKE_A_RESULT = /\.(?:md|json)(?:-[0-9a-f]{8})*$/i;

const PLAIN = /^(?!.*\.(?:md|json)[^/]*\/)/is;
const OUTSIDE = /(?:^|\/)\.{0,2}(?:\/|$)|\0/;

/**
 * Where a document's result and reports lie below their folder, without the ending (`.md`, `.error.json`,
 * `.partial.md`): the id itself, except that
 *
 * - a name of more than 240 bytes is cut at a character boundary and gets `-` and eight hex digits of a SHA-256: of
 *   the id, or of a folder's path;
 * - a folder whose name ends as a result's does (`notes.md/`) gets those digits: the result of a document `notes` lies
 *   there;
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
    place += `${claim(place, folderName(id.slice(start, end), id.slice(0, end)), id.slice(0, end + 1))}/`;
    start = end + 1;
  }
  const last = id.slice(start);
  return place + claim(place, isLong(last) ? cut(last, id) : last, id);
}

function folderName(name: string, path: string): string {
  return isLong(name) || LIKE_A_RESULT.test(name) ? cut(name, path) : name;
}

function isLong(name: string): boolean {
  return Buffer.byteLength(name) > KEPT_BYTES;
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
