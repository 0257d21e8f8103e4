import yargs, { type CommandModule } from 'yargs';
import { DiskError, Mistakes, UsageError, WorkspaceTakenError } from '../domain/errors.ts';
import { errorMessage } from '../lib/errors.ts';
import { visible } from '../report/words.ts';
import { type ArgumentMistake, argumentMistakes } from './argument-mistakes.ts';
import { askCommand, STDIN } from './ask/ask.ts';
import { checkCommand } from './check.ts';
import { type Command, type CommandContext, type GivenFlags, readCommandOptions } from './command.ts';
import { completionCommand } from './completion/command.ts';
import { configCommand } from './config.ts';
import { doctorCommand } from './doctor/command.ts';
import { plainHints } from './hints.ts';
import { initCommand } from './init/init.ts';
import { exportCommand } from './inspect/export.ts';
import { retryCommand } from './inspect/retry.ts';
import { showCommand } from './inspect/show.ts';
import { statusCommand } from './inspect/status.ts';
import { modelsCommand } from './models.ts';
import { flagOf, optionOf, optionTable } from './options/table.ts';
import type { OptionRow } from './options/value-kind.ts';
import { planCommand } from './plan/command.ts';
import { renderCommand } from './render.ts';
import { simulateCommand } from './simulate.ts';
import { runCommand, watchCommand } from './watch.ts';

const GONE = 'The current folder was deleted: go to another one, or give absolute paths (--root /path/to/it).';

/** Runs the command that the arguments name. Resolves to the exit code; rejects with whatever ended the command. */
export async function runProgram(argv: readonly string[], context: CommandContext): Promise<number> {
  const commands = commandsOf(context);
  const hint = plainHints(context);

  if (argv[0] === 'completion' && argv[1] === 'words') {
    const { completions } = await import('./completion/candidates.ts');
    for (const line of completions(argv.slice(3), commands, context)) context.stdout.write(`${line}\n`);
    return 0;
  }
  const topic = helpTopic(argv, commands);
  if (topic === null && argv.includes('--version')) {
    context.stdout.write(`${context.version}\n`);
    return 0;
  }
  if (topic !== null) {
    const { helpText } = await import('./help.ts');
    context.stdout.write(`${helpText(topic, commands, { hint, columns: context.stderr.columns ?? 80 })}\n`);
    return 0;
  }

  let exitCode = 0;
  const runChecked = async (command: Command, flags: GivenFlags): Promise<void> => {
    const { currentFolder } = context;
    const mistakes = argumentMistakes(command, commands, { flags, argv, currentFolder }, hint);
    if (mistakes.length > 0) throw new UsageError(withOthers(mistakes, command, flags, context));
    exitCode = await command.run(flags);
  };
  try {
    // Without a folder yargs asks the process for its own, which fails if that was deleted.
    const parser = yargs(asYargsReads(argv), context.currentFolder || '/')
      .scriptName('sluice')
      .version(false)
      .help(false)
      .parserConfiguration({ 'camel-case-expansion': false, 'parse-numbers': false, 'parse-positional-numbers': false })
      .exitProcess(false)
      .fail((message, error?: Error) => {
        throw error ?? new UsageError(message);
      });
    for (const command of commands) parser.command(forYargs(command, (flags) => runChecked(command, flags)));
    await parser.parseAsync();
  } catch (error) {
    const isFolderGone =
      typeof error === 'object' && error !== null && 'syscall' in error && error.syscall === 'uv_cwd';
    throw isFolderGone ? new UsageError(GONE, { cause: error }) : error;
  }
  return exitCode;
}

/** In the order in which help lists them. */
function commandsOf(context: CommandContext): readonly Command[] {
  return [
    watchCommand(context),
    runCommand(context),
    askCommand(context),
    initCommand(context),
    checkCommand(context),
    planCommand(context),
    renderCommand(context),
    configCommand(context),
    statusCommand(context),
    showCommand(context),
    retryCommand(context),
    exportCommand(context),
    modelsCommand(context),
    doctorCommand(context),
    simulateCommand(context),
    completionCommand(context),
  ];
}

/**
 * The command for yargs, to read what was given. yargs refuses nothing: what is wrong is told by us, and all at once. `run`
 * gets what it read.
 */
function forYargs(command: Command, run: CommandModule['handler']): CommandModule {
  const { name, positionals = [] } = command;
  const usage = [name, ...positionals.map((one) => `[${one.name}${one.isList ? '..' : ''}]`)].join(' ');
  return {
    command: command.isDefault ? [usage, '$0'] : usage,
    describe: name,
    builder: (parser) => {
      for (const [flag, { type, alias, default: value }] of Object.entries(command.flags())) {
        parser.option(flag, {
          ...(type !== undefined && { type }),
          ...(alias !== undefined && { alias }),
          ...(value !== undefined && { default: value }),
        });
      }
      for (const one of positionals) parser.positional(one.name, { type: 'string' });
      return parser;
    },
    handler: run,
  };
}

/** The mistakes in the arguments, with those in what a run would need beside them: all are told at once. */
function withOthers(
  mistakes: readonly ArgumentMistake[],
  command: Command,
  flags: GivenFlags,
  context: CommandContext,
): readonly string[] {
  const keys = Object.entries(command.flags()).flatMap(([flag, option]) => optionOf(flag, option) ?? []);
  if (keys.length === 0 || mistakes.some(({ isOfCommand }) => isOfCommand)) return mistakes.map(({ text }) => text);
  const asked = readCommandOptions(flags, context, keys);
  const all = new Mistakes([...mistakes.map(({ text }) => text), ...(asked.mistakes ?? [])]);
  const wrong = new Set([
    ...(asked.wrong ?? []),
    ...keys.filter((key) => mistakes.some(({ meant }) => meant === flagOf(key))),
  ]);
  all.check(() => command.needs?.({ ...asked, mistakes: all.all, wrong }, flags));
  return all.all;
}

/** What help is asked for: a command, `all`, or the first screen (empty); null: none is. */
function helpTopic(argv: readonly string[], commands: readonly Command[]): string | null {
  const [first, second] = argv;
  if (first === 'help') return second ?? '';
  const asked = argv.slice(0, argv.includes('--') ? argv.indexOf('--') : undefined);
  if (!asked.includes('--help') && !asked.includes('-h')) return null;
  const names = new Set(['all', ...commands.map(({ name }) => name)]);
  return asked.find((word) => names.has(word)) ?? '';
}

/** The letters of short flags that take a value. */
const LETTERS = new Set(
  Object.values<OptionRow<unknown>>(optionTable)
    .filter(({ kind }) => kind.placeholder !== null)
    .flatMap(({ short }) => short ?? []),
);

/** `-mNAME` is `-m NAME`, as everywhere else. */
function asYargsReads(argv: readonly string[]): string[] {
  return withDashesNamed(argv).flatMap((word) => {
    const [, letter = '', value = ''] = /^-([a-z])([^=].*)$/s.exec(word) ?? [];
    return LETTERS.has(letter) ? [`-${letter}`, value] : [word];
  });
}

/**
 * Names that begin with a dash, as yargs keeps them: `-` goes on as what it means, and after `--`, which yargs keeps from
 * commands, `-name` as `./-name`.
 */
function withDashesNamed(argv: readonly string[]): string[] {
  const end = argv.indexOf('--');
  const flags = argv.slice(0, end === -1 ? argv.length : end).map((word) => (word === '-' ? STDIN : word));
  return end === -1
    ? flags
    : [...flags, ...argv.slice(end + 1).map((name) => (name.startsWith('-') ? `./${name}` : name))];
}

const KNOWN_ERRORS = [
  [UsageError, 2],
  [WorkspaceTakenError, 8],
  [DiskError, 6],
] as const;

/**
 * Says what ended the program, and gives the exit code. An unexpected error is shown with its stack. Others may choose the names
 * of documents in it: escapes in them do nothing to the terminal.
 */
export function endedBy(error: unknown, say: (line: string) => void): number {
  const code = KNOWN_ERRORS.find(([kind]) => error instanceof kind)?.[1] ?? 1;
  const [first = '', ...stack] =
    code === 1 && error instanceof Error ? (error.stack ?? errorMessage(error)).split('\n') : [errorMessage(error)];
  const lines = error instanceof UsageError ? error.mistakes : [first];
  for (const line of lines) say(`sluice: ${visible(line)}`);
  for (const line of stack) say(visible(line));
  return code;
}
