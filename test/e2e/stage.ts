import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach } from '@jest/globals';
import type { FaultPlan } from '../../src/simulator/fault-plan.ts';
import { type Simulator, startSimulator } from '../../src/simulator/simulator.ts';
import type { LoggedRequest } from '../../src/simulator/state.ts';
import { Program, type ProgramSettings } from '../support/program.ts';
import { Workspace } from '../support/workspace.ts';

export type EndedProgram = Program & { readonly code: number | null };

/** What a test of the program needs around it. */
export interface Stage {
  workspace(): Promise<Workspace>;
  /** A folder of its own that is no workspace. */
  folder(): Promise<string>;
  simulator(plan?: FaultPlan, as?: string): Promise<Simulator>;
  start(args: readonly string[], settings?: ProgramSettings): Program;
  /** Runs the program to its end. */
  run(args: readonly string[], settings?: ProgramSettings): Promise<EndedProgram>;
  /** Does something when the test is over, before the folders go; what was added last goes first. */
  afterwards(work: () => Promise<unknown>): void;
}

/** What it gives ends with the test, or with whatever `whenOver` waits for: programs are killed, folders removed. */
export function setTheStage(whenOver: (work: () => Promise<void>) => void = afterEach): Stage {
  const leftovers: (() => Promise<unknown>)[] = [];
  whenOver(async () => {
    for (const leave of leftovers.splice(0).toReversed()) await leave();
  });
  const start = (args: readonly string[], settings?: ProgramSettings): Program => {
    const program = new Program(args, settings);
    leftovers.push(async () => {
      program.kill('SIGKILL');
      await program.exited;
    });
    return program;
  };
  const folder = async (): Promise<string> => {
    const path = await mkdtemp(join(tmpdir(), 'sluice-test-'));
    leftovers.push(() => rm(path, { recursive: true, force: true }));
    return path;
  };
  return {
    folder,
    start,
    run: async (args, settings) => {
      const program = start(args, settings);
      return Object.assign(program, { code: await program.exited });
    },
    workspace: async () => {
      const workspace = await Workspace.make();
      leftovers.push(() => workspace.remove());
      return workspace;
    },
    simulator: async (plan = {}, as) => {
      const simulator = await startSimulator({ plan, as });
      leftovers.push(() => simulator.close());
      return simulator;
    },
    afterwards: (work) => leftovers.push(work),
  };
}

/** The chat calls that a simulator got, oldest first. */
export async function requestsOf({ port }: Simulator): Promise<readonly LoggedRequest[]> {
  const reply = await fetch(`http://127.0.0.1:${port}/admin/requests`);
  return (await reply.json()) as readonly LoggedRequest[];
}

/** How many chat calls were open at once, at most. */
export async function mostInFlight({ port }: Simulator): Promise<number> {
  const reply = await fetch(`http://127.0.0.1:${port}/admin/load`);
  return ((await reply.json()) as { readonly mostInFlight: number }).mostInFlight;
}

/** What a simulator charged, USD. */
export async function chargedBy({ port }: Simulator): Promise<number> {
  const reply = await fetch(`http://127.0.0.1:${port}/admin/billing`);
  return ((await reply.json()) as { readonly costUsd: number }).costUsd;
}

/**
 * Arguments for a run over a workspace that does not wait for files to settle, logs every event, and sends documents that
 * have no recipe as they are. `more` wins.
 */
export function onceOver({ root }: Workspace, { url }: Pick<Simulator, 'url'>, ...more: readonly string[]): string[] {
  return ['--once', '--json', '--no-recipe', ...withDefaults({ '--root': root, '--api': url, ...EAGER }, more)];
}

/** The same for a daemon that looks at its inbox, and at what pauses it, five times a second. */
export function daemonOver({ root }: Workspace, { url }: Pick<Simulator, 'url'>, ...more: readonly string[]): string[] {
  const often = { '--rescan': '0.2', '--look-again': '0.2' };
  return ['--no-recipe', ...withDefaults({ '--root': root, '--api': url, ...EAGER, ...often }, more)];
}

const EAGER = { '--settle': '0', '--log-level': 'debug' };

/** A flag may be given once: those of `defaults` that `given` repeats are left out. */
export function withDefaults(defaults: Readonly<Record<string, string>>, given: readonly string[]): string[] {
  return [...Object.entries(defaults).flatMap((pair) => (given.includes(pair[0]) ? [] : pair)), ...given];
}

/** Root reads and writes whatever it likes; without these capabilities it has to ask like anybody else. */
export const WITHOUT_PRIVILEGES: ProgramSettings =
  process.getuid?.() === 0 ? { through: ['setpriv', '--bounding-set=-dac_override,-dac_read_search'] } : {};
