import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { UsageError } from '../../domain/errors.ts';
import type { LedgerReader, VersionHistory } from '../../domain/receipt.ts';
import { openLedgerReader } from '../../ledger/reader.ts';
import { errorCode, orUndefined } from '../../lib/errors.ts';
import { counted } from '../../lib/text.ts';
import type { Sink, SinkAnswer } from '../../library/sink.ts';
import { columnsOf } from '../../report/screen.ts';
import { answerLines, visible } from '../../report/words.ts';
import { type AnswersFolder, answersFolderAt, rememberAnswersFolder } from '../../run/answers-folder.ts';
import type { Asked, Prepared } from '../../run/prepare.ts';
import { refuseCollisions } from '../../run/refuse-collisions.ts';
import { makeFolder, probeWriting, tryTo } from '../../run/workspace.ts';
import type { ProcessContext } from '../command.ts';
import { lookIntoFolders } from '../inspect/workspace.ts';
import { type AskedFiles, STDIN_ID } from './asked-files.ts';

/** Answers on stdout, as they come; under a heading each, where there are several. */
export class PrintedAnswers implements Sink {
  readonly #stdout: ProcessContext['stdout'];
  readonly #several: boolean;
  #isFirst = true;
  /** What stdout refused with: its reader is gone, or its disk is full. */
  refusal: Error | null = null;
  /** Is called before each answer: the live block may stand on the same terminal. */
  makeRoom: () => void = () => undefined;
  /** Is called when stdout takes no more. */
  onRefusal: () => void = () => undefined;

  constructor(stdout: ProcessContext['stdout'], several: boolean) {
    this.#stdout = stdout;
    this.#several = several;
  }

  /** Waits for a reader that is slow. An answer that cannot be printed ends the run, and is not tried again. */
  file({ id, text }: SinkAnswer): Promise<void> {
    const answer = this.#stdout.isTTY === true ? answerLines(text, columnsOf(this.#stdout)).join('\n') : text;
    const heading = this.#several ? `${this.#isFirst ? '' : '\n'}==> ${visible(id)} <==\n` : '';
    this.#isFirst = false;
    this.makeRoom();
    return new Promise((resolve) => {
      this.#stdout.write(`${heading}${answer}${answer.endsWith('\n') ? '' : '\n'}`, (error) => {
        if (error instanceof Error) {
          this.refusal ??= error;
          this.onRefusal();
        }
        resolve();
      });
    });
  }
}

type Question = Pick<Prepared, 'options' | 'recipes'> & Pick<Asked, 'given'> & { readonly readsStdin: boolean };

/**
 * Looks at the folder of the answers (`--out`) before anything is asked or made. Returns what a person should know of it, a
 * sentence each.
 *
 * @throws UsageError if it is no folder for answers, they would get in each other's way, or answer another question
 */
export function requireOut(out: string, question: Question, files: AskedFiles): readonly string[] {
  const { options, recipes, readsStdin } = question;
  refuseCollisions({ ...options, recipes, folder: '', ids: files.ids });
  const names = tryTo(`The folder ${out} (--out) cannot be read`, () => namesIn(out));
  if (names.includes('.sluice')) {
    if (answersFolderAt(out) === null && ['inbox', 'outbox', 'failed'].every((name) => names.includes(name)))
      throw new UsageError(`The folder ${out} (--out) is a workspace: name another one for the answers.`);
    // What comes from stdin says which answers would be replaced: `refuseOtherStdin` goes first.
    if (!readsStdin && !saysWhatToRedo(question)) refuseOtherQuestion(out, recipes, files.ids);
    return [];
  }
  if (names.every((name) => name.startsWith('.') || name === 'failed')) return [];
  const { resultOf } = lookIntoFolders(out, options.failed);
  if (!files.ids.some((id) => resultOf(recipes.choose({ id }).place({ id })) !== null))
    throw new UsageError(`The folder ${out} (--out) holds other files: name a new or an empty one for the answers.`);
  return [`What is remembered of the answers in ${out} is gone: they stay, and are not asked again (--redo all does).`];
}

/** Answers of earlier runs would pass for answers to what is asked now. */
function refuseOtherQuestion(out: string, recipes: Prepared['recipes'], ids: readonly string[]): void {
  const asked = new Set(ids);
  const others = readLedger(out, (reader) => {
    const answered = Array.from(reader.documents()).filter(({ id, state, api, recipe }) => {
      if (state !== 'done' || recipe === null || !asked.has(id)) return false;
      const now = recipes.choose({ id });
      return now.api === api && now.hash !== recipe;
    });
    // Each look costs: the first that is still there is enough.
    return answered.some(({ id }) => answeredVersion(out, reader, id) !== undefined) ? answered : [];
  });
  if (others === null || others.length === 0) return;
  throw new UsageError(
    `The folder ${out} (--out) has ${counted(others.length, 'answer')} to another question, or of another model or other ` +
      'parameters. --redo stale asks again, and replaces them; --redo changed leaves them as they are where ' +
      'their documents did not change; another folder has room for both.',
  );
}

/**
 * The answer to what came from stdin another time would be replaced: it has the same name. To what came again, as to
 * files, it may answer another question.
 *
 * @param sha256 of what came now
 * @throws UsageError
 */
export function refuseOtherStdin(out: string, sha256: string, question: Question, { ids }: AskedFiles): void {
  if (saysWhatToRedo(question)) return;
  const other = readLedger(out, (reader) => answeredVersion(out, reader, STDIN_ID));
  if (other == null || other.sha256 === sha256) {
    refuseOtherQuestion(out, question.recipes, ids);
    return;
  }
  throw new UsageError(
    `The folder ${out} (--out) has the answer to something else that came from stdin, ${other.result}. --redo changed asks ` +
      'about what came now, and replaces it; another folder has room for both.',
  );
}

/** The version of a document whose answer lies in the folder. */
function answeredVersion(out: string, reader: LedgerReader, id: string): VersionHistory | undefined {
  return reader
    .history(id)
    .find(({ result, state }) => result !== null && state !== 'replaced' && existsSync(join(out, result)));
}

function saysWhatToRedo({ options, given }: Pick<Question, 'options' | 'given'>): boolean {
  return given.redo === 'flag' || options.redo === 'stale' || options.redo === 'all';
}

/** Null if there is none. What is wrong with it is told, or mended, by the run. */
function readLedger<T>(out: string, look: (reader: LedgerReader) => T): T | null {
  const reader = orUndefined(() => openLedgerReader(join(out, '.sluice'))) ?? null;
  if (reader === null) return null;
  try {
    return look(reader);
  } finally {
    reader.close();
  }
}

/** @throws UsageError, DiskError */
export function makeOut(out: string, folder: AnswersFolder): void {
  tryTo(`The folder ${out} (--out) cannot be made`, () => makeFolder(out));
  tryTo(`The folder ${out} (--out) cannot be written to`, () => {
    probeWriting(out);
    rememberAnswersFolder(out, folder);
  });
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return [];
    throw error;
  }
}
