import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach } from '@jest/globals';
import type { FaultPlan } from '../../src/simulator/fault-plan.ts';
import type { LoggedRequest } from '../../src/simulator/request-log.ts';
import { type Simulator, startSimulator } from '../../src/simulator/simulator.ts';
import { Program, type ProgramSettings } from '../support/program.ts';
import { Workspace } from '../support/workspace.ts';

/** What the simulator counted for one text. */
export interface Calls {
  readonly requests: number;
  /** Good answers that were sent to the end. */
  readonly answered: number;
}

export type Ended = Program & { readonly code: number | null };

/** Waits that are short, and every event in the log. */
const HASTE = ['--settle', '0.3', '--retry-delay', '0.1', '--log-level', 'debug'];
const DAEMON_HASTE = [...HASTE, '--rescan', '0.2', '--look-again', '0.2'];

/** A workspace, a simulator, and the programs that a test runs on them. */
export class Scene {
  readonly workspace: Workspace;
  readonly simulator: Simulator;
  readonly #programs: Program[] = [];

  constructor(workspace: Workspace, simulator: Simulator) {
    this.workspace = workspace;
    this.simulator = simulator;
  }

  /** The flags that lead to this workspace and simulator. */
  get flags(): readonly string[] {
    return ['--root', this.workspace.root, '--api', this.simulator.url];
  }

  /** Runs `--once --json` to its end. A flag that `args` repeats is taken from there. */
  async once(args: readonly string[] = [], settings?: ProgramSettings): Promise<Ended> {
    const program = this.start(['--once', '--json', ...withDefaults([...this.flags, ...HASTE], args)], settings);
    const code = await program.exited;
    return Object.assign(program, { code });
  }

  /** Starts the daemon; resolves when it has looked at the inbox. */
  async watch(args: readonly string[] = [], settings?: ProgramSettings): Promise<Program> {
    const program = this.start(['--json', ...withDefaults([...this.flags, ...DAEMON_HASTE], args)], settings);
    await program.logged('scan-finished');
    return program;
  }

  /** Starts the program with just these arguments. */
  start(args: readonly string[], settings?: ProgramSettings): Program {
    const program = new Program(args, settings);
    this.#programs.push(program);
    return program;
  }

  /** By the SHA-256 of the text that was sent. */
  calls(): Readonly<Record<string, Calls>> {
    return Object.fromEntries(
      this.simulator.billing().map(({ document, requests, answered }) => [document, { requests, answered }]),
    );
  }

  /** The last calls, oldest first. */
  async requests(): Promise<readonly LoggedRequest[]> {
    const response = await fetch(new URL('/admin/requests', this.simulator.url));
    return (await response.json()) as readonly LoggedRequest[];
  }

  async close(): Promise<void> {
    for (const program of this.#programs) program.kill('SIGKILL');
    await Promise.all(this.#programs.map(({ exited }) => exited));
    await this.simulator.close();
    await this.workspace.remove();
  }
}

/** Gives a function that sets scenes; each is closed after its test. */
export function scenes(): (plan?: FaultPlan) => Promise<Scene> {
  const open: Scene[] = [];
  afterEach(async () => {
    await Promise.all(open.splice(0).map((scene) => scene.close()));
  });
  return async (plan = {}) => {
    const scene = new Scene(await Workspace.make(), await startSimulator({ plan }));
    open.push(scene);
    return scene;
  };
}

/** What `Scene.calls` comes to when each of these texts was asked and answered once, and nothing else was sent. */
export function askedOnce(...texts: readonly string[]): Readonly<Record<string, Calls>> {
  return asked(Object.fromEntries(texts.map((text) => [text, 1])));
}

/** The same for texts that were asked, and answered, more often. */
export function asked(times: Readonly<Record<string, number>>): Readonly<Record<string, Calls>> {
  return Object.fromEntries(
    Object.entries(times).map(([text, count]) => [sha256(text), { requests: count, answered: count }]),
  );
}

/** Paths below a folder, of files alone, in name order. */
export async function filesIn(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .toSorted();
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** A flag may be given once: those of `defaults` that `args` repeats are left out. Each has a value. */
function withDefaults(defaults: readonly string[], args: readonly string[]): readonly string[] {
  const kept = defaults.filter((_, index) => !args.includes(defaults[index - (index % 2)] ?? ''));
  return [...kept, ...args];
}
