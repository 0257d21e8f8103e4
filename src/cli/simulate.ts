import { readFileSync } from 'node:fs';
import { firstValueFrom } from 'rxjs';
import { parse } from 'yaml';
import { UsageError } from '../domain/errors.ts';
import { errorMessage } from '../lib/errors.ts';
import { notTaken } from '../lib/text.ts';
import { stopSignals } from '../run/stop.ts';
import { type FaultPlan, parseFaultPlan } from '../simulator/fault-plan.ts';
import { argumentOf, type Command, type CommandContext } from './command.ts';

const options = {
  port: { type: 'string', default: '4010', describe: 'The loopback port; 0 takes a free one' },
  latency: { type: 'string', describe: 'Seconds before an answer begins: 0.2, or 0.1-0.3 for a draw between' },
  as: {
    type: 'string',
    describe: 'Plays an API, as it answers and refuses, by its name: gemini, mistral, ollama and others',
  },
  faults: { type: 'string', requiresArg: true, describe: 'A YAML or JSON file that says what goes wrong, and when' },
} as const;

/** `sluice simulate`: serves the simulator until a signal ends it. */
export function simulateCommand(context: CommandContext): Command {
  return {
    name: 'simulate',
    describe: 'Serve the simulator: the same endpoints as OpenRouter, or as another API; made-up answers, no cost',
    examples: ['simulate --port 4010 --latency 0.1-0.3'],
    flags: () => options,
    run: async (flags) => {
      const plan = readPlan(argumentOf(flags, 'faults'), argumentOf(flags, 'latency'));
      const port = portFrom(argumentOf(flags, 'port') ?? options.port.default);
      const { startSimulator } = await import('../simulator/simulator.ts');
      const simulator = await startSimulator({ port, plan, as: argumentOf(flags, 'as') ?? undefined });
      context.stdout.write(`${simulator.url}\n`);
      const signal = await firstValueFrom(stopSignals(context.signals));
      await simulator.close();
      return signal === 'SIGINT' ? 130 : 143;
    },
  };
}

function readPlan(file: string | null, latency: string | null): FaultPlan {
  const planned: unknown = (file === null ? null : parseFile(file)) ?? {};
  const isPlan = typeof planned === 'object' && !Array.isArray(planned);
  return parseFaultPlan(isPlan && latency !== null ? { ...planned, latency: latencyFrom(latency) } : planned);
}

function parseFile(file: string): unknown {
  try {
    return parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new UsageError(`--faults ${file} cannot be read: ${errorMessage(error)}`, { cause: error });
  }
}

function latencyFrom(given: string): number | readonly number[] {
  const [low = Number.NaN, high = low] = given.split('-').map((part) => (part === '' ? Number.NaN : Number(part)));
  if (Number.isNaN(low) || Number.isNaN(high))
    throw new UsageError(notTaken('--latency', given, 'seconds, as 0.2 or 0.1-0.3'));

  return low === high ? low : [low, high];
}

function portFrom(given: string): number {
  const port = /^\d{1,5}$/.test(given) ? Number(given) : Number.NaN;
  if (port >= 0 && port <= 65_535) return port;
  throw new UsageError(notTaken('--port', given, 'a number from 0 to 65535'));
}
