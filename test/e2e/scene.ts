import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { FaultPlan } from '../../src/simulator/fault-plan.ts';
import type { Simulator } from '../../src/simulator/simulator.ts';
import type { LoggedRequest } from '../../src/simulator/state.ts';
import type { Program, ProgramSettings } from '../support/program.ts';
import type { Workspace } from '../support/workspace.ts';
import { daemonOver, type EndedProgram, onceOver, requestsOf, type Stage, setTheStage, withDefaults } from './stage.ts';

/** What the simulator counted for one text. */
export interface Calls {
  readonly requests: number;
  /** Good answers that were sent to the end. */
  readonly answered: number;
}

/** Waits that are short. */
const HASTE = { '--settle': '0.3', '--retry-delay': '0.1' };

/** A stage with one workspace and one simulator, and the programs that a test runs on them. */
export class Scene {
  readonly workspace: Workspace;
  readonly simulator: Simulator;
  readonly #stage: Stage;

  constructor(stage: Stage, workspace: Workspace, simulator: Simulator) {
    this.workspace = workspace;
    this.simulator = simulator;
    this.#stage = stage;
  }

  /** The flags that lead to this workspace and simulator. */
  get flags(): readonly string[] {
    return ['--root', this.workspace.root, '--api', this.simulator.url, '--no-recipe'];
  }

  /** Runs `--once --json` to its end. A flag that `args` repeats is taken from there. */
  async once(args: readonly string[] = [], settings?: ProgramSettings): Promise<EndedProgram> {
    const program = this.startOnce(args, settings);
    return Object.assign(program, { code: await program.exited });
  }

  /** Starts `--once --json`. */
  startOnce(args: readonly string[] = [], settings?: ProgramSettings): Program {
    return this.start(onceOver(this.workspace, this.simulator, ...withDefaults(HASTE, args)), settings);
  }

  /** Does something when the test is over. */
  afterwards(work: () => Promise<unknown>): void {
    this.#stage.afterwards(work);
  }

  /** Starts the daemon; resolves when it has looked at the inbox. */
  async watch(args: readonly string[] = [], settings?: ProgramSettings): Promise<Program> {
    const flags = daemonOver(this.workspace, this.simulator, ...withDefaults(HASTE, args));
    const program = this.start(['--json', ...flags], settings);
    await program.logged('scan-finished');
    return program;
  }

  /** Starts the program with just these arguments. */
  start(args: readonly string[], settings?: ProgramSettings): Program {
    return this.#stage.start(args, settings);
  }

  /** By the SHA-256 of the text that was sent. */
  calls(): Readonly<Record<string, Calls>> {
    return Object.fromEntries(
      this.simulator.billing().map(({ document, requests, answered }) => [document, { requests, answered }]),
    );
  }

  /** The last calls, oldest first. */
  requests(): Promise<readonly LoggedRequest[]> {
    return requestsOf(this.simulator);
  }
}

/** Gives a function that sets scenes; each ends with its test. */
export function scenes(): (plan?: FaultPlan) => Promise<Scene> {
  const stage = setTheStage();
  return async (plan) => new Scene(stage, await stage.workspace(), await stage.simulator(plan));
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
