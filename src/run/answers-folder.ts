import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { UsageError } from '../domain/errors.ts';
import { SHAPING_KEYS, type ShapingOptions } from '../domain/options.ts';
import { orUndefined } from '../lib/errors.ts';
import { isRecord, parseJson } from '../lib/json.ts';

/** What a folder of answers (`ask --out`) remembers beside its ledger. It is no workspace: the documents lie elsewhere. */
export interface AnswersFolder {
  /** Absolute; ids are paths below it. Null: what came from stdin alone was asked about. */
  readonly documents: string | null;
  /** What was asked last. */
  readonly options: ShapingOptions;
}

/** Null if `folder` is none. */
export function answersFolderAt(folder: string): AnswersFolder | null {
  const told = parseJson(orUndefined(() => readFileSync(fileIn(folder), 'utf8')) ?? '');
  if (!isRecord(told) || !isRecord(told['options'])) return null;
  const { documents, options } = told;
  if (SHAPING_KEYS.some((key) => options[key] === undefined)) return null;
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- only `rememberAnswersFolder` writes it
  return { documents: typeof documents === 'string' ? documents : null, options: options as unknown as ShapingOptions };
}

/** Throws the system's error. */
export function rememberAnswersFolder(folder: string, { documents, options }: AnswersFolder): void {
  mkdirSync(join(folder, '.sluice'), { recursive: true });
  const told = { documents, options: Object.fromEntries(SHAPING_KEYS.map((key) => [key, options[key]])) };
  writeFileSync(fileIn(folder), `${JSON.stringify(told)}\n`);
}

/** A run would make an inbox in it, and take its answers for other files. @throws UsageError */
export function refuseAnswersFolder(folder: string): void {
  if (answersFolderAt(folder) === null) return;
  throw new UsageError(
    `The folder ${folder} (--root) holds answers of the command ask, and is no workspace: ask with --out ${folder} goes ` +
      'on with it. Name another folder for a workspace.',
  );
}

function fileIn(folder: string): string {
  return join(folder, '.sluice', 'ask.json');
}
