import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { parseEnv } from 'node:util';
import { isMap, isScalar, isSeq, parseDocument } from 'yaml';
import { UsageError } from '../../domain/errors.ts';
import { errorCode, errorMessage } from '../../lib/errors.ts';

/** The text of a configuration file, or null if there is none. Throws a UsageError if it cannot be read. */
export function readConfigFile(path: string): string | null {
  // ENOTDIR: the workspace itself is no folder; the check of the workspace says so.
  return readIfThere(path, ['ENOENT', 'ENOTDIR']);
}

/** Null if reading fails with one of the codes in `absences`. */
function readIfThere(path: string, absences: readonly string[]): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (absences.includes(errorCode(error))) return null;

    throw new UsageError(`${path} cannot be read: ${errorMessage(error)}`, { cause: error });
  }
}

/**
 * The settings of a configuration file, each as its text, or its texts if it is a list: values get their type from the
 * option table. A map is reported as a mistake. Throws a UsageError that names line and column if it is no YAML.
 */
export function parseConfig(
  text: string,
  path: string,
  report: (mistake: string) => void,
): ReadonlyMap<string, string | readonly string[]> {
  const yaml = parseDocument(text, { schema: 'failsafe' });
  const [error] = yaml.errors;
  if (error !== undefined)
    throw new UsageError(`${path} is no valid YAML: ${error.message.split('\n')[0]?.replace(/:$/, '')}`);

  if (yaml.contents === null || (isScalar(yaml.contents) && yaml.contents.value === '')) return new Map();

  if (!isMap(yaml.contents))
    throw new UsageError(`${path} must be a list of settings such as "concurrency: 5", one a line`);

  const settings = new Map<string, string | readonly string[]>();
  for (const { key, value } of yaml.contents.items) {
    const given = settingText(value);
    if (given === null) report(`${String(key)} in ${path} takes a value, not a map`);
    else settings.set(String(key), given);
  }
  return settings;
}

function settingText(value: unknown): string | readonly string[] | null {
  if (value === null) return '';
  if (isScalar(value)) return String(value.value);
  return isSeq(value) && value.items.every(isScalar) ? value.items.map((item) => String(item.value)) : null;
}

/**
 * The environment, with what `.env` in `folder` adds to it: a variable that is set already stays as it is. A folder
 * named `.env` (Python's virtual environment) is ignored. Throws a UsageError if the file cannot be read.
 */
export function loadEnvironment(folder: string, environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const text = readIfThere(join(folder, '.env'), ['ENOENT', 'EISDIR']) ?? '';
  return { ...parseEnv(text.replace(/^\uFEFF/, '')), ...environment };
}

/** A configuration file is read again once it has not been written to for so long. */
const STILL_MS = 200;
/** It is read as it is after so many of these waits. */
const MOST_WAITS = 25;

/** Resolves once a file is whole: what writes it in place empties it first, and some editors have it gone for a moment. */
export async function untilWritten(path: string): Promise<void> {
  for (let waits = 0; waits < MOST_WAITS; waits += 1) {
    const stats = statSync(path, { throwIfNoEntry: false });
    const ageMs = stats === undefined ? waits * STILL_MS : Math.abs(Date.now() - stats.mtimeMs);
    if (ageMs >= STILL_MS) return;
    // oxlint-disable-next-line no-await-in-loop -- each look follows on a wait
    await setTimeout(STILL_MS - ageMs);
  }
}
