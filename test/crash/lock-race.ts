import { errorMessage } from '../../src/lib/errors.ts';
import { answerText } from '../../src/simulator/answer-text.ts';
import type { Program } from '../support/program.ts';
import { until } from '../support/until.ts';
import { Workspace } from '../support/workspace.ts';
import type { Finding } from './aftermath.ts';
import type { SimulatorProcess } from './simulator-process.ts';
import { startProgram } from './start-program.ts';

const CONTENDERS = 3;

/**
 * Starts several daemons at once on one workspace, round after round: all but one give up with 2 and say who holds it,
 * the one answers, and is killed. Its lock must not outlive it. Resolves to what went wrong.
 */
export async function raceForLock(simulator: SimulatorProcess, rounds: number): Promise<readonly Finding[]> {
  const workspace = await Workspace.make();
  await simulator.setPlan({});
  await simulator.clearBilling();
  const findings: Finding[] = [];
  try {
    for (let round = 1; round <= rounds; round += 1) findings.push(...(await playRound(workspace, simulator, round)));
    const book = await simulator.billing();
    return [
      ...findings,
      ...book.filter(({ billed }) => billed !== 1).map(({ billed }) => paid(`billed ${billed} times`)),
    ];
  } finally {
    await workspace.remove();
  }
}

async function playRound(
  workspace: Workspace,
  simulator: SimulatorProcess,
  round: number,
): Promise<readonly Finding[]> {
  const id = `round-${round}.txt`;
  const text = `# Round ${round}\n\nWho answers this holds the lock.\n`;
  await workspace.drop(id, text);
  const contenders = Array.from({ length: CONTENDERS }, () => start(workspace, simulator));
  const losers: Program[] = [];
  for (const program of contenders) void program.exited.then(() => losers.push(program));
  try {
    await until('all but one give up', () => losers.length >= CONTENDERS - 1);
    await until('the one answers', () => workspace.hasResult(id) || losers.length === CONTENDERS);
    const right = workspace.hasResult(id) && (await workspace.result(id)) === answerText(text);
    return [...(right ? [] : [wrong(`nobody answered in round ${round}`)]), ...(await complaintsOf(losers))];
  } catch (error) {
    return [wrong(`round ${round}: ${errorMessage(error)}`)];
  } finally {
    await Promise.all(contenders.map(kill));
  }
}

function start({ root }: Workspace, { url }: SimulatorProcess): Program {
  return startProgram(['watch', '--root', root, '--api', url, '--no-recipe', '--settle', '0', '--rescan', '0.2']);
}

async function complaintsOf(losers: readonly Program[]): Promise<readonly Finding[]> {
  const ends = losers.map(async ({ exited, stderr }) => ({ code: await exited, stderr }));
  return (await Promise.all(ends))
    .filter(({ code, stderr }) => code !== 8 || !SAYS_WHO.test(stderr))
    .map(({ code, stderr }) => wrong(`one that gave up ended with ${code}, saying: ${stderr}`));
}

/** Who it is, where, and since when. */
const SAYS_WHO = /Process \d+ on \S+ .* since .*\d\d:\d\d\./;

async function kill(program: Program): Promise<void> {
  program.kill('SIGKILL');
  await program.exited;
}

function wrong(what: string): Finding {
  return { kind: 'wrong', what };
}

function paid(what: string): Finding {
  return { kind: 'paid', what };
}
