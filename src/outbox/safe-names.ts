import { hash } from 'node:crypto';
import { closeSync, lstatSync, mkdirSync, openSync, readdirSync, unlinkSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { PathError } from '../domain/errors.ts';
import type { ResultPlace } from '../domain/request.ts';
import { TEMP_NAME_BYTES, tempName } from './atomic-writer.ts';

/**
 * Keeps the name of a file or folder, or gives another if it is taken; `ending` follows the name. `id` is what the
 * name stands for; a folder's ends with `/`.
 */
type Claim = (folder: string, name: string, ending: string, id: string) => string;

/** A name's bytes that are kept as they are. What is cut is longer than this, so that the two cannot meet. */
const KEPT_BYTES = 233;

/**
 * Bytes that a cut name keeps of the whole: with `-`, eight digits and an ending of up to 18 bytes
 * (`.json.receipt.json`) it has 255 at most.
 */
const CUT_BYTES = 228;

const HASHES = '(?:-[0-9a-f]{8})*';

/** A folder with a name like a result's; a name that already carries the hash for that is given another. */
const LIKE_A_RESULT = new RegExp(`\\.(?:md|json)${HASHES}$`, 'i');

/** A document whose JSON result would have the name of another's receipt. */
const LIKE_A_RECEIPT = new RegExp(`\\.(?:md|json)\\.receipt${HASHES}$`, 'i');

const COMPANIONS = [
  `(?:receipt|annotations)${HASHES}\\.json`,
  `reasoning${HASHES}\\.md`,
  `image-\\d+${HASHES}\\.(?:png|jpg|webp|gif|bin)`,
];

/** A result that would have the name of a file beside another result, whatever its ending. */
const LIKE_A_COMPANION = new RegExp(`\\.[^.]+\\.(?:${COMPANIONS.join('|')})$`, 'i');

/** A name to which nothing of the above applies. */
const PLAIN = /^(?!.*\.(?:md|json)[^/]*\/)(?!.*\.(?:receipt|annotations|reasoning|image-))/is;
const PLAIN_ENDINGS = new Set(['.md', '.json', '']);
const OUTSIDE = /(?:^|\/)\.{0,2}(?:\/|$)|\0/;

/**
 * Where a document's result (or, with the ending `''`, its failure reports) lies below its folder, without the ending:
 * the name of its place, nearly always the document's id, except that
 *
 * - a name of more than 233 bytes is cut at a character boundary and gets `-` and eight hex digits of a SHA-256: of
 *   the place's name, or of a folder's path;
 * - a folder whose name ends as a result's does (`notes.md/`, or in the place's own ending) gets those digits: the
 *   result of a document `notes` lies there;
 * - so does a result that would be called like the receipt of another, or what else is filed beside one
 *   (`notes.md.receipt`);
 * - a path of more than `limit` bytes becomes one such name at the top;
 * - on a file system that folds case or Unicode, `claim` gives them to the one that comes second.
 *
 * So a file's name follows from the place alone wherever names are kept apart as they are in the inbox. A recipe may
 * choose the name of the place: `recipe/name-template.ts`.
 *
 * @throws PathError if the name would lead out of the folder
 */
export function resultName({ name, ending }: ResultPlace, limit: number, claim: Claim | null = null): string {
  if (OUTSIDE.test(name)) throw new PathError(`No file can be called ${JSON.stringify(name)}.`);
  const isShort = name.length * 3 <= Math.min(KEPT_BYTES, limit);
  if (claim === null && isShort && PLAIN_ENDINGS.has(ending) && PLAIN.test(name)) return name;
  const safe = nameByName(name, ending, claim ?? ((_folder, own) => own));
  return Buffer.byteLength(safe) > limit ? cut(name.replaceAll('/', '_'), name) : safe;
}

function nameByName(name: string, ending: string, claim: Claim): string {
  let folder = '';
  let start = 0;
  for (let end = name.indexOf('/'); end >= 0; end = name.indexOf('/', start)) {
    const own = name.slice(start, end);
    const safe = safeName(own, name.slice(0, end), isLikeAResult(own, ending));
    folder += `${claim(folder, safe, '', name.slice(0, end + 1))}/`;
    start = end + 1;
  }
  const last = name.slice(start);
  const isLikeAnother = LIKE_A_RECEIPT.test(last) || LIKE_A_COMPANION.test(last + ending);
  return folder + claim(folder, safeName(last, name, isLikeAnother), ending, name);
}

function safeName(name: string, path: string, isTaken: boolean): string {
  return isTaken || Buffer.byteLength(name) > KEPT_BYTES ? cut(name, path) : name;
}

function isLikeAResult(folder: string, ending: string): boolean {
  if (LIKE_A_RESULT.test(folder)) return true;
  const plain = folder.replace(new RegExp(`${HASHES}$`, 'i'), '');
  return ending !== '' && plain.toLowerCase().endsWith(ending.toLowerCase());
}

/** As much of a name as fits, with eight digits of the hash of `id`. */
export function cut(name: string, id: string): string {
  const digits = hash('sha256', id).slice(0, 8);
  const bytes = Buffer.from(name);
  let end = Math.min(bytes.length, CUT_BYTES);
  if (end < bytes.length) while (((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return `${bytes.toString('utf8', 0, end)}-${digits}`;
}

/** Bytes of a path, without the NUL at its end (PATH_MAX of Linux). */
const PATH_BYTES = 4095;

/**
 * Makes a folder if it is missing. What it returns gives the path of a place's file below the folder, without the ending.
 * Throws the system's error if the folder cannot be written to.
 */
export function openPlaces(folder: string): (place: ResultPlace) => string {
  const limit = PATH_BYTES - Buffer.byteLength(folder) - TEMP_NAME_BYTES - '/'.length;
  const claim = probeFolding(folder) ? createClaims(folder) : null;
  return (place) => resultName(place, limit, claim);
}

/** What the names of files beside results, and of failure reports, end in. */
const SUFFIX = /\.(?:(?:receipt|annotations|error)\.json|(?:reasoning|partial)\.md|image-\d+\.[a-z]+)$/;

/**
 * Claims for a folder whose file system takes `A.txt` and `a.txt` for one name: the first one to ask has it, the other
 * gets the hash. What lies in the folder claims its names by their spelling, so that the next run decides the same.
 */
export function createClaims(folder: string): Claim {
  const owners = new Map<string, string>();
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const below = relative(folder, entry.parentPath).split(sep).join('/');
    const place = below === '' ? '' : `${below}/`;
    const isFolder = entry.isDirectory();
    const names = isFolder ? [entry.name] : [entry.name, entry.name.replace(SUFFIX, '')];
    for (const name of names) owners.set(keyOf(place, name, isFolder), name);
  }
  return (place, name, ending, id) => {
    const file = name + ending;
    const key = keyOf(place, file, id.endsWith('/'));
    const owner = owners.get(key);
    if (owner === undefined) owners.set(key, file);
    return owner === undefined || owner === file ? name : cut(name, id);
  };
}

/** The same for all spellings that a file system may take for one path. */
function keyOf(place: string, name: string, isFolder: boolean): string {
  return `${place}${name}${isFolder ? '/' : ''}`.normalize('NFC').toLowerCase();
}

/**
 * Finds out with a real file whether two spellings of a name, by case or by Unicode normalisation, are one in a folder.
 * Throws the system's error if the folder, made if missing, cannot be written to.
 */
export function probeFolding(folder: string): boolean {
  mkdirSync(folder, { recursive: true });
  const probes = [tempName(), tempName().replace('sluice', 'sluicé')];
  return probes.some((name) => {
    const decomposed = name.normalize('NFD');
    const other = decomposed === name ? name.toUpperCase() : decomposed;
    return isFoundUnder(join(folder, name), join(folder, other));
  });
}

function isFoundUnder(file: string, other: string): boolean {
  const descriptor = openSync(file, 'wx', 0o644);
  try {
    closeSync(descriptor);
    return lstatSync(other, { throwIfNoEntry: false }) !== undefined;
  } finally {
    unlinkSync(file);
  }
}
