import { existsSync, readdirSync, rmdirSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { DiskError, Mistakes, UsageError } from '../../domain/errors.ts';
import type { OptionKey } from '../../domain/options.ts';
import { errorCode, errorMessage, orUndefined } from '../../lib/errors.ts';
import { nearest } from '../../lib/text.ts';
import { type Run, run } from '../../library/run.ts';
import { answersFolderAt } from '../../run/answers-folder.ts';
import { type Asked, checkQuestion, type Prepared } from '../../run/prepare.ts';
import { argumentOf, type Command, type CommandContext, type GivenFlags, readCommandOptions } from '../command.ts';
import { follow } from '../follow.ts';
import { hintsFor, plainHints, quoted } from '../hints.ts';
import { optionKeys, yargsOptions } from '../options/table.ts';
import { AskedFiles } from './asked-files.ts';
import { makeOut, PrintedAnswers, refuseOtherStdin, requireOut } from './out.ts';

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
        placeholder: 'DIR',
        requiresArg: true,
        describe: 'A folder for the answers, a file each: it remembers what was asked, and goes on after a stop',
      },
    }),
    needs: ({ wrong }, flags) => void prepareAsking(flags, context, wrong),
    run: async (flags) => {
      const { asked, files, question, notes } = prepareAsking(flags, context);
      const { out, options } = asked;
      const sha256 = asked.readsStdin ? await files.addStdin(context.stdin.read()) : null;
      if (out !== null && sha256 !== null) refuseOtherStdin(out, sha256, { ...asked, ...question }, files);
      if (out !== null) makeOut(out, { documents: files.folder, options });
      const ledgerFolder = out === null ? null : join(out, '.sluice');
      return askAbout(files, { ...question, ledgerFolder, archive: '', notes }, context);
    },
  };
}

/** Checks all that can be checked before stdin is read, and makes nothing. @throws UsageError */
function prepareAsking(flags: GivenFlags, context: CommandContext, wrong?: ReadonlySet<OptionKey>) {
  const given = askedFrom(flags, context);
  const asked = { ...given, wrong: new Set([...(given.wrong ?? []), ...(wrong ?? [])]) };
  const { options, out } = asked;
  const mistakes = new Mistakes(asked.mistakes);
  const question = checkQuestion(asked, mistakes, () => context.clock.now(), dirname(options.recipe ?? ''));
  const { currentFolder } = context;
  const documents = (out === null ? null : answersFolderAt(out))?.documents ?? null;
  const settings = { ...options, ...asked, currentFolder, documents };
  const files = mistakes.check(() => new AskedFiles(asked.paths, settings));
  const outNotes =
    question !== undefined && files !== undefined && out !== null
      ? mistakes.check(() => requireOut(out, { ...asked, ...question }, files))
      : [FORGETS];
  mistakes.throwIfAny();
  if (question === undefined || files === undefined) throw new Error('a mistake was not told');
  return { asked, question, files, notes: [...question.notes, ...(outNotes ?? [])] };
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
  const example = (file = ''): string =>
    plainHints({ commandLine })(`ask "List three facts." ${quoted(file || 'report.pdf')}`);
  if (prompt === undefined || prompt.trim() === '')
    throw new UsageError(`ask takes a question first: ${example(prompt)}`);
  const path = currentFolder === '' ? null : resolve(currentFolder, prompt);
  const meant = path === null ? null : meantFile(prompt, path);
  if (meant === null && prompt !== STDIN) return;
  const missing = meant === null || meant === path ? '' : ', and does not exist';
  throw new UsageError(
    `${prompt} stands where the question belongs${missing}: ${example(missing === '' ? prompt : (meant ?? ''))}. ` +
      'To ask just that, give it with -p.',
  );
}

/** What stands for a file: in one word, with a slash or the ending of a file. */
const LIKE_A_FILE =
  /^\S*(?:\/\S*|[^\s.]\.(?:pdf|docx?|xlsx?|pptx?|od[tsp]|epub|eml|md|txt|rtf|csv|json|html?|png|jpe?g))$/i;

/** The file that a word names: its path; a near name, or an empty one, if it does not exist; null: it names none. */
function meantFile(word: string, path: string): string | null {
  if (existsSync(path)) return path;
  if (!LIKE_A_FILE.test(word)) return null;
  const near = nearest(basename(path), orUndefined(() => readdirSync(dirname(path))) ?? []);
  return near === null ? '' : join(dirname(word), near);
}

async function askAbout(files: AskedFiles, prepared: Prepared, context: CommandContext): Promise<number> {
  const { options, ledgerFolder } = prepared;
  const { stdout, stderr } = context;
  const answers = ledgerFolder === null ? new PrintedAnswers(stdout, files.size > 1) : null;
  const start = (): Run => {
    const asking = run({ prepared, context, source: files, ...(answers && { sink: answers }) });
    // Without a reader, what is in flight would be paid for and thrown away.
    if (answers !== null) answers.onRefusal = () => void asking.stop({ force: true });
    return asking;
  };
  const reported = { ...context, stdout: options.json ? stdout : stderr };
  const exitCode = await follow(start, prepared, reported, { total: files.size, answers });
  // It may hold reports.
  if (ledgerFolder !== null) orUndefined(() => rmdirSync(options.failed));
  const refusal = answers?.refusal ?? null;
  if (refusal === null || errorCode(refusal) === 'EPIPE') return exitCode;
  throw new DiskError(`The answers cannot be written to stdout: ${errorMessage(refusal)}`, { cause: refusal });
}
