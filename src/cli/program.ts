import yargs from 'yargs';
import { UsageError } from '../domain/errors.ts';
import type { CommandContext } from './command.ts';
import { initCommand } from './init/init.ts';
import { exportCommand } from './inspect/export.ts';
import { retryCommand } from './inspect/retry.ts';
import { showCommand } from './inspect/show.ts';
import { statusCommand } from './inspect/status.ts';
import { planCommand } from './plan/command.ts';
import { renderCommand } from './render.ts';
import { simulateCommand } from './simulate.ts';
import { watchCommand } from './watch.ts';

const EXIT_CODES = `Exit codes of --once:
  0 all done; 1 unexpected; 2 usage or configuration, also a recipe that cannot be used;
  3 some documents failed, now or in an earlier run, or are held; 4 stopped by the budget, or by that of a recipe;
  5 the account was refused (key, credit, quota); 6 disk or ledger;
  7 some documents are left pending, or the time of --max-duration is over;
  8 another process works on the workspace; 130, 143 stopped by a signal`;

const GONE = 'The current folder was deleted: go to another one, or give absolute paths (--root /path/to/it).';

/** Runs the command that the arguments name. Resolves to the exit code; rejects with whatever ended the command. */
export async function runProgram(argv: readonly string[], context: CommandContext): Promise<number> {
  let exitCode = 0;
  const finish = (code: number): void => {
    exitCode = code;
  };
  try {
    // Without a folder yargs asks the process for its own, which fails if that was deleted.
    await yargs(withDashesNamed(argv), context.currentFolder || '/')
      .scriptName('sluice')
      .usage('$0 [command] [options]\n\nDrop documents into a folder; an answer to each appears in another folder.')
      .command(watchCommand(context, finish))
      .command(statusCommand(context))
      .command(showCommand(context))
      .command(retryCommand(context))
      .command(exportCommand(context))
      .command(planCommand(context, finish))
      .command(renderCommand(context, finish))
      .command(initCommand(context))
      .command(simulateCommand(context, finish))
      .strict()
      .version(context.version)
      .help()
      .alias('help', 'h')
      .nargs({ help: 0, version: 0 })
      .epilogue(EXIT_CODES)
      .wrap(Math.min(120, context.stderr.columns ?? 100))
      .parserConfiguration({ 'camel-case-expansion': false, 'parse-numbers': false, 'parse-positional-numbers': false })
      .exitProcess(false)
      .fail((message, error?: Error) => {
        // Either yargs refuses the arguments, or the command ended with an error.
        if (error !== undefined && error.name !== 'YError') throw error;
        throw new UsageError(`${error?.message ?? message}. See sluice --help.`);
      })
      .parseAsync();
  } catch (error) {
    const isFolderGone =
      typeof error === 'object' && error !== null && 'syscall' in error && error.syscall === 'uv_cwd';
    throw isFolderGone ? new UsageError(GONE, { cause: error }) : error;
  }
  return exitCode;
}

/** After `--`, which yargs keeps from commands, a name that begins with a dash goes on as `./-name`. */
function withDashesNamed(argv: readonly string[]): string[] {
  const end = argv.indexOf('--');
  if (end === -1) return [...argv];
  return [...argv.slice(0, end), ...argv.slice(end + 1).map((name) => (name.startsWith('-') ? `./${name}` : name))];
}
