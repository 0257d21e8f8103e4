import { existsSync, readdirSync, rmdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { DiskError, Mistakes, UsageError } from '../../domain/errors.ts';
import type { OptionKey } from '../../domain/options.ts';
import { errorCode, errorMessage, orUndefined } from '../../lib/errors.ts';
import { run } from '../../library/run.ts';
import { type Asked, checkQuestion, type Prepared } from '../../run/prepare.ts';
import { refuseCollisions } from '../../run/refuse-collisions.ts';
import { makeFolder, probeWriting, tryTo } from '../../run/workspace.ts';
import { argumentOf, type Command, type CommandContext, type GivenFlags, readCommandOptions } from '../command.ts';
import { follow } from '../follow.ts';
import { hintsFor, plainHints, quoted } from '../hints.ts';
import { optionKeys, yargsOptions } from '../options/table.ts';
import { AskedFiles } from './asked-files.ts';
import { PrintedAnswers } from './printed-answers.ts';

/** Options of a workspace, and of other kinds of run. */
const OF_WORKSPACES: ReadonlySet<OptionKey> = new Set<OptionKey>([
  'root',
  'inbox',
  'outbox',
  'failed',
  'after',
  'noRecipe',
  'inboxRecipes',
  'settleSeconds',
  'rescanSeconds',
  'lookAgainSeconds',
  'once',
  'test',
  'truncateCharacters',
]);

/** The path that means stdin, as `-` does. */
export const STDIN = '/dev/stdin';

const KEYS = optionKeys.filter((key) => !OF_WORKSPACES.has(key));

/** `sluice ask`: a question about files, without a workspace. */
export function askCommand(context: CommandContext): Command {
  return {
    name: 'ask',
    describe: 'Ask about files, folders or stdin (-), without a workspace: answers go to stdout, or to --out DIR',
    examples: ['ask "List three facts." report.pdf', 'ask "Translate into English." letters/ --out answers'],
    positionals: [
      { name: 'question', describe: 'What to ask of each file; a path, with -p or -r' },
      { name: 'paths', describe: 'Files and folders; - is stdin', isList: true },
    ],
    flags: () => ({
      ...yargsOptions(KEYS),
      out: {
        type: 'string',
        describe: 'A folder for the answers, a file each: it remembers what was asked, and goes on after a stop',
      },
    }),
    run: async (flags) => {
      const asked = askedFrom(flags, context);
      const { options, out } = asked;
      const mistakes = new Mistakes(asked.mistakes);
      const question = checkQuestion(asked, mistakes, () => context.clock.now(), dirname(options.recipe ?? ''));
      const { currentFolder } = context;
      const files = mistakes.check(() => new AskedFiles(asked.paths, { ...options, ...asked, currentFolder }));
      if (question !== undefined && files !== undefined && out !== null)
        mistakes.check(() => requireOut(out, question, files));
      mistakes.throwIfAny();
      if (question === undefined || files === undefined) throw new Error('a mistake was not told');

      if (asked.readsStdin) await files.addStdin(context.stdin.read());
      if (out !== null) makeOut(out);
      const memory = out === null ? null : join(out, '.sluice');
      const notes = [...question.notes, ...(memory === null ? [FORGETS] : [])];
      return askAbout(files, { ...question, memory, archive: '', notes }, context);
    },
  };
}

const FORGETS = 'Nothing is remembered: --out DIR keeps the answers, goes on after a stop, and pays for nothing twice.';

/** What is asked about what. */
interface Asking extends Asked {
  readonly paths: readonly string[];
  readonly readsStdin: boolean;
  /** Absolute; null: answers are printed. */
  readonly out: string | null;
}

function askedFrom(flags: GivenFlags, context: CommandContext): Asking {
  const { currentFolder, stdin } = context;
  const words = [flags['question'], flags['paths']].flat().filter((word) => word !== undefined);
  const isAsked = flags['prompt'] !== undefined || flags['recipe'] !== undefined;
  const [prompt] = words.map(String);
  const named = words.slice(isAsked ? 0 : 1).map(String);
  // What is said here goes before variables that are meant for a workspace.
  const given = { ...flags, once: true, ...(isAsked ? {} : { prompt }) };
  const asked = readCommandOptions(given, context, [...KEYS, 'once']);
  const mistakes = new Mistakes(asked.mistakes);
  if (!isAsked) mistakes.check(() => requireQuestion(prompt, context));
  const path = mistakes.check(() => argumentOf(flags, 'out')) ?? null;
  if (path === '') mistakes.add('--out takes a folder, not an empty value.');
  if (asked.options.json && path === null)
    mistakes.add('--json prints the summary alone, so the answers need a folder: --out DIR.');
  if (asked.given.receipts !== undefined && path === null)
    mistakes.add('--receipts lie beside the answers, so they need a folder: --out DIR.');
  const readsStdin = named.includes(STDIN) || (named.length === 0 && !stdin.isTTY);
  if (named.length === 0 && !readsStdin)
    mistakes.add('There is nothing to ask about: name files or folders, or pipe something in.');

  const out = path === null ? null : resolve(currentFolder, path);
  const folders = { root: out ?? currentFolder, outbox: out ?? '', failed: out === null ? '' : join(out, 'failed') };
  return {
    ...asked,
    options: { ...asked.options, ...folders },
    hint: hintsFor(folders.root, context),
    mistakes: mistakes.all,
    paths: named.filter((name) => name !== STDIN),
    readsStdin,
    out,
  };
}

/** No question, no bill: a file's name is none. */
function requireQuestion(prompt: string | undefined, { currentFolder, commandLine }: CommandContext): void {
  const example = plainHints({ commandLine })(`ask "List three facts." ${quoted(prompt || 'report.pdf')}`);
  if (prompt === undefined || prompt.trim() === '') throw new UsageError(`ask takes a question first: ${example}`);
  if (prompt === STDIN || existsSync(resolve(currentFolder, prompt)))
    throw new UsageError(`${prompt} stands where the question belongs: ${example}. To ask just that, give it with -p.`);
}

/** @throws UsageError if it is no folder for answers, or they would get in each other's way */
function requireOut(out: string, { options, recipes }: Pick<Prepared, 'options' | 'recipes'>, files: AskedFiles): void {
  refuseCollisions({ ...options, recipes, folder: '', ids: files.ids });
  const names = tryTo(`The folder ${out} (--out) cannot be read`, () => namesIn(out));
  if (names.length > 0 && !names.includes('.sluice'))
    throw new UsageError(`The folder ${out} (--out) holds other files: name a new or an empty one for the answers.`);
  if (['inbox', 'outbox', 'failed'].every((name) => names.includes(name)))
    throw new UsageError(`The folder ${out} (--out) is a workspace: name another one for the answers.`);
}

/** @throws UsageError, DiskError */
function makeOut(out: string): void {
  tryTo(`The folder ${out} (--out) cannot be made`, () => makeFolder(out));
  tryTo(`The folder ${out} (--out) cannot be written to`, () => probeWriting(out));
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return [];
    throw error;
  }
}

async function askAbout(files: AskedFiles, prepared: Prepared, context: CommandContext): Promise<number> {
  const { options, memory } = prepared;
  const { stdout, stderr } = context;
  const answers = memory === null ? new PrintedAnswers(stdout, files.size > 1) : null;
  const asking = run({ prepared, context, source: files, ...(answers && { sink: answers }) });
  // Without a reader, what is in flight would be paid for and thrown away.
  if (answers !== null) answers.onRefusal = () => void asking.stop({ force: true });
  const reported = { ...context, stdout: options.json ? stdout : stderr };
  const exitCode = await follow(asking, prepared, reported, { total: files.size, answers });
  // It may hold reports.
  if (memory !== null) orUndefined(() => rmdirSync(options.failed));
  const refusal = answers?.refusal ?? null;
  if (refusal === null || errorCode(refusal) === 'EPIPE') return exitCode;
  throw new DiskError(`The answers cannot be written to stdout: ${errorMessage(refusal)}`, { cause: refusal });
}
