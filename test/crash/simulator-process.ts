import type { BilledDocument } from '../../src/simulator/billing.ts';
import type { FaultPlan } from '../../src/simulator/fault-plan.ts';
import type { Program } from '../support/program.ts';
import { until } from '../support/until.ts';
import { startProgram } from './start-program.ts';

/** The built simulator in a process of its own: it outlives the program, and its book of what was billed is the oracle. */
export class SimulatorProcess {
  readonly url: string;
  readonly #program: Program;

  private constructor(program: Program, url: string) {
    this.#program = program;
    this.url = url;
  }

  static async start(): Promise<SimulatorProcess> {
    const program = startProgram(['simulate', '--port', '0']);
    await until('the simulator tells its URL', () => program.stdout.includes('\n'));
    return new SimulatorProcess(program, program.stdout.trim());
  }

  /** Starts one for this work alone. */
  static async use<Result>(work: (simulator: SimulatorProcess) => Promise<Result>): Promise<Result> {
    const simulator = await SimulatorProcess.start();
    try {
      return await work(simulator);
    } finally {
      await simulator.stop();
    }
  }

  /** From the next call on. */
  async setPlan(plan: FaultPlan): Promise<void> {
    await this.#admin('plan', { method: 'PUT', body: JSON.stringify(plan) });
  }

  async billing(): Promise<readonly BilledDocument[]> {
    const reply = await this.#admin('billing');
    return ((await reply.json()) as { readonly documents: readonly BilledDocument[] }).documents;
  }

  async clearBilling(): Promise<void> {
    await this.#admin('billing', { method: 'DELETE' });
  }

  async stop(): Promise<void> {
    this.#program.kill('SIGKILL');
    await this.#program.exited;
  }

  async #admin(path: string, request: RequestInit = {}): Promise<Response> {
    const reply = await fetch(new URL(`/admin/${path}`, this.url), request);
    if (!reply.ok) throw new Error(`/admin/${path} answered ${reply.status}: ${await reply.text()}`);
    return reply;
  }
}
