import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { stripVTControlCharacters } from 'node:util';
import { errorCode } from '../../src/lib/errors.ts';
import { until } from '../support/until.ts';
import type { Stage } from './stage.ts';

/** The program on a pseudo-terminal of its own, as a person sees it. */
export interface Terminal {
  /** All that was written to it, with its control sequences. */
  readonly raw: () => string;
  /** The same without them: every frame of the live block, one below the other. */
  readonly text: () => string;
  readonly exited: Promise<number | null>;
  /** Resolves with what was shown when it matches. */
  shows(what: RegExp): Promise<string>;
  /** Presses keys. */
  type(keys: string): void;
  /** Sends a signal to the program itself. */
  signal(signal: NodeJS.Signals): void;
  /** Closes the terminal, as one closes a window. */
  hangUp(): void;
}

/** util-linux has a `script` that takes a command; that of other systems has not. */
export function canOpenTerminal(): boolean {
  return spawnSync('script', ['--quiet', '--return', '--command', 'true', '/dev/null']).status === 0;
}

/** A terminal of 200 columns; bash quotes the program's arguments for the shell that `script` starts. */
function onTerminalOfItsOwn(command: string): readonly string[] {
  const start = `exec script --quiet --flush --return --command "stty cols 200 rows 50; ${command}" /dev/null`;
  return ['bash', '-c', `export PROGRAM="$(printf '%q ' "$@")"; ${start}`, 'bash'];
}

const ALONE = onTerminalOfItsOwn('eval \\"exec \\$PROGRAM\\"');
/** With job control; `eval "$PROGRAM"` starts the program. */
const IN_SHELL = onTerminalOfItsOwn('PS1= exec bash --norc -i');

/** A shell on a terminal, in which the program is not started yet. */
export function openShell(stage: Stage, args: readonly string[]): Terminal {
  return openTerminal(stage, args, {}, IN_SHELL);
}

/** Runs the program on a terminal of its own; it ends with the stage. */
export function openTerminal(
  stage: Stage,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
  through = ALONE,
): Terminal {
  const program = stage.start(args, { environment: { TERM: 'xterm-256color', ...environment }, through });
  const orphans = new Set<number>();
  const signal = (name: NodeJS.Signals): void => {
    for (const pid of [...childrenOf(program.child.pid), ...orphans]) send(pid, name);
  };
  // A terminal that goes away need not end what runs on it.
  stage.afterwards(async () => signal('SIGKILL'));
  const text = (): string => stripVTControlCharacters(program.stdout);
  return {
    raw: () => program.stdout,
    text,
    exited: program.exited,
    shows: async (what) => {
      await until(`the terminal shows ${what}`, () => what.test(text()));
      return what.exec(text())?.[0] ?? '';
    },
    type: (keys) => void program.child.stdin?.write(keys),
    signal,
    hangUp: () => {
      for (const pid of childrenOf(program.child.pid)) orphans.add(pid);
      program.kill('SIGKILL');
    },
  };
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    // It ended by itself.
    if (errorCode(error) !== 'ESRCH') throw error;
  }
}

function childrenOf(pid: number | undefined): readonly number[] {
  try {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
    return children.trim().split(' ').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}
