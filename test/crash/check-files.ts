import { readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import type { Aftermath, Finding } from './aftermath.ts';
import { type Belongings, belongingsOf } from './belongings.ts';

/** What `.sluice/` may hold when nobody is at work. */
const HOUSEHOLD = /^\.sluice\/(?:ledger\.db(?:-wal|-shm)?|lock\.db|holder\.json)$/;

/** Each document in exactly one state with all that belongs to it, byte for byte, and nothing else lies around. */
export async function checkFiles(aftermath: Aftermath): Promise<readonly Finding[]> {
  const { root, documents, reading } = aftermath;
  const lying = new Set(await filesBelow(root));
  const belongings = documents.map((document) => belongingsOf(aftermath, document));
  const owned = new Set(belongings.flatMap(({ must, may }) => [...Object.keys(must), ...Object.keys(may)]));
  const strays = [...lying].filter((path) => !owned.has(path) && !HOUSEHOLD.test(path));
  const broken = Object.entries(reading.broken);
  return [
    ...belongings.flatMap(checkEnd),
    ...belongings.flatMap((some) => checkThere(some, lying)),
    ...belongings.flatMap((some) => checkContents(some, root, lying)),
    ...strays.map((path) => lost(`${path} lies there: it belongs to no document in its state`)),
    ...broken.map(([path, text]) => lost(`a reader saw a part of ${relative(root, path)}: ${JSON.stringify(text)}`)),
  ];
}

/** The path of every file below a folder, dotfiles too. */
async function filesBelow(root: string): Promise<readonly string[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => !entry.isDirectory());
  return files.map(({ parentPath, name }) => relative(root, join(parentPath, name)));
}

function checkEnd({ id, state, allowed }: Belongings): readonly Finding[] {
  return allowed.includes(state) ? [] : [lost(`${id} is ${state}, and should be ${allowed.join(' or ')}`)];
}

function checkThere({ id, state, must }: Belongings, lying: ReadonlySet<string>): readonly Finding[] {
  const missing = Object.keys(must).filter((path) => !lying.has(path));
  return missing.map((path) => lost(`${id} is ${state}, and ${path} is not there`));
}

function checkContents(
  { id, state, must, may }: Belongings,
  root: string,
  lying: ReadonlySet<string>,
): readonly Finding[] {
  return [...Object.entries(must), ...Object.entries(may)]
    .filter(([path, isRight]) => lying.has(path) && !isRight(readFileSync(join(root, path), 'utf8')))
    .map(([path]) => lost(`${id} is ${state}, and ${path} does not hold what it should`));
}

function lost(what: string): Finding {
  return { kind: 'lost', what };
}
