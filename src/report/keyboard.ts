import { spawnSync } from 'node:child_process';
import { closeSync, constants, openSync, readFileSync, readSync } from 'node:fs';
import { platform } from 'node:os';
import { errorCode, orUndefined } from '../lib/errors.ts';

/** The keys that a person presses while a run goes on. */
export interface Keyboard {
  /** The terminal gives each key as it is pressed. */
  readonly isHeard: boolean;
  /** The process is in the background: the terminal is the shell's. */
  readonly isAway: boolean;
  /** Changes each time when the terminal goes to the shell, or comes back. */
  readonly turn: number;
  /** What was pressed since the last call. Also looks whether the process is in the foreground. */
  pressed(): string;
  /** As Ctrl-C does. */
  stop(): void;
  /** Gives the terminal back as it was. */
  close(): void;
}

const TERMINAL = '/dev/tty';
/** A hung `stty` holds nothing up. */
const PATIENCE_MS = 1000;

/**
 * The keyboard of the terminal that this process was started from; null if there is none. Without a process in the
 * foreground nothing is read and nothing is set: the system would stop a process in the background for either.
 *
 * Keys come one by one, and are not shown; Ctrl-C, Ctrl-Z and Ctrl-\ stay signals (Node's raw mode would take them). The
 * terminal has a descriptor of its own here, from which a read never waits.
 */
export function openKeyboard(): Keyboard | null {
  try {
    return new TerminalKeyboard(openSync(TERMINAL, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY));
  } catch {
    // No terminal is this process's own.
    return null;
  }
}

class TerminalKeyboard implements Keyboard {
  readonly #terminal: number;
  readonly #buffer = Buffer.alloc(64);
  /** As `stty -g` tells it, from before the first change. */
  #modes: string | null = null;
  isHeard = false;
  isAway = false;
  turn = 0;
  #isClosed = false;
  /** Continued after it was stopped: the shell may have set other modes, and it may be in the background. */
  readonly #onContinue = (): void => {
    this.isHeard = false;
    this.turn += 1;
    this.#mayAsk = true;
  };
  /** Ctrl-Z: the shell gets the terminal as it was. */
  readonly #onSuspend = (): void => {
    this.#giveBack();
    // As if there were no listener: the system stops this process here, unless no shell could continue it.
    process.off('SIGTSTP', this.#onSuspend);
    process.kill(process.pid, 'SIGTSTP');
    process.on('SIGTSTP', this.#onSuspend);
  };
  /** Where only a program tells who is in the foreground, it is asked at the start and when this process goes on. */
  #mayAsk = true;

  constructor(terminal: number) {
    this.#terminal = terminal;
    process.on('SIGCONT', this.#onContinue);
    process.on('SIGTSTP', this.#onSuspend);
  }

  pressed(): string {
    if (this.#isClosed) return '';
    const wasAway = this.isAway;
    this.isAway = !this.#isInForeground();
    if (this.isAway !== wasAway) this.turn += 1;
    if (this.isAway) {
      this.isHeard = false;
      return '';
    }
    if (!this.isHeard && !this.#take()) return '';
    try {
      return this.#buffer.toString('latin1', 0, readSync(this.#terminal, this.#buffer));
    } catch (error) {
      // EAGAIN: none was pressed. Anything else: the terminal went away.
      if (errorCode(error) !== 'EAGAIN') this.close();
      return '';
    }
  }

  stop(): void {
    process.kill(process.pid, 'SIGINT');
  }

  close(): void {
    if (this.#isClosed) return;
    this.#giveBack();
    this.#isClosed = true;
    process.off('SIGCONT', this.#onContinue);
    process.off('SIGTSTP', this.#onSuspend);
    closeSync(this.#terminal);
  }

  #take(): boolean {
    this.#modes ??= this.#stty('-g');
    this.isHeard = this.#modes !== null && this.#stty('-icanon', '-echo') !== null;
    if (!this.isHeard) this.close();
    return this.isHeard;
  }

  #giveBack(): void {
    if (this.isHeard && this.#modes !== null && this.#isInForeground()) this.#stty(this.#modes);
    this.isHeard = false;
  }

  /** What it printed; null if it failed, or the terminal went away. */
  #stty(...args: readonly string[]): string | null {
    // Of its own: Node makes reads wait on whatever it hands down.
    const terminal = orUndefined(() => openSync(TERMINAL, constants.O_RDWR | constants.O_NOCTTY));
    if (terminal === undefined) return null;
    try {
      const stdio = [terminal, 'pipe', 'ignore'] as const;
      const { status, stdout } = spawnSync('stty', args, { stdio: [...stdio], encoding: 'utf8', timeout: PATIENCE_MS });
      return status === 0 ? stdout.trim() : null;
    } finally {
      closeSync(terminal);
    }
  }

  #isInForeground(): boolean {
    if (platform() === 'linux')
      return isForegroundGroup(orUndefined(() => readFileSync('/proc/self/stat', 'latin1')) ?? '');
    if (this.isHeard || !this.#mayAsk) return this.isHeard;
    this.#mayAsk = false;
    const { stdout } = spawnSync('ps', ['-o', 'stat=', '-p', String(process.pid)], { encoding: 'utf8' });
    return stdout.includes('+');
  }
}

/** By what Linux tells of a process: its group is the one that the terminal listens to. */
export function isForegroundGroup(stat: string): boolean {
  // The name before may hold anything: state, parent, group, session, terminal, group of the terminal.
  const [, , group, , , foreground] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return group !== undefined && group === foreground;
}
