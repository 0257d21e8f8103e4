import type { Llm, PreparedRequest } from '../domain/ports.ts';
import type { Disk } from '../lib/durable-files.ts';
import type { PipelinePorts } from '../pipeline/context.ts';

/** Methods of ports that return promises: a process can die before or after each. */
const METHODS = {
  inbox: ['read', 'release'],
  ledger: ['begin', 'head', 'end', 'settle', 'reopen'],
  outbox: ['fileResult', 'fileReceipt', 'fileFailure'],
} as const;

/** Steps of a call, and of a durable write, at which a process can die. */
const STEPS = [
  'llm.attempt',
  'llm.head',
  'llm.ended',
  'disk.write:half',
  'disk.write:after',
  'disk.fsync:after',
  'disk.rename:before',
  'disk.rename:after',
] as const;

/** All points at which a test can have the process killed. */
export const crashLabels: readonly string[] = [
  ...Object.entries(METHODS).flatMap(([port, methods]) =>
    methods.flatMap((method) => [`${port}.${method}:before`, `${port}.${method}:after`]),
  ),
  ...STEPS,
];

export type CrashPorts = Pick<PipelinePorts, 'inbox' | 'ledger' | 'outbox' | 'llm'>;

/**
 * For tests: `SLUICE_CRASH_AT=ledger.end:after#3` kills the process (SIGKILL) when it passes that point for the third
 * time. Null if the variable is not set: then nothing is wrapped.
 *
 * @param die kills the process
 */
export function crashPoints(
  environment: NodeJS.ProcessEnv,
  die: () => void = () => process.kill(process.pid, 'SIGKILL'),
) {
  const chosen = environment['SLUICE_CRASH_AT'];
  if (chosen === undefined || chosen === '') return null;
  const [label = '', times = '1'] = chosen.split('#');
  if (!crashLabels.includes(label)) throw new Error(`SLUICE_CRASH_AT knows no ${label}`);
  let left = Number(times);
  const pass = (point: string): void => {
    if (point !== label) return;
    left -= 1;
    if (left === 0) die();
  };
  return {
    on: (ports: CrashPorts): CrashPorts => ({
      inbox: passing(ports.inbox, 'inbox', pass),
      ledger: passing(ports.ledger, 'ledger', pass),
      outbox: passing(ports.outbox, 'outbox', pass),
      llm: passingCalls(ports.llm, pass),
    }),
    onDisk: (disk: Disk): Disk => passingWrites(disk, pass),
  };
}

type Pass = (point: string) => void;
type Method = (...args: readonly unknown[]) => Promise<unknown>;

function passing<P extends object>(port: P, name: keyof typeof METHODS, pass: Pass): P {
  const methods: readonly (string | symbol)[] = METHODS[name];
  return replacing(port, (key, member) => {
    if (!methods.includes(key)) return member;
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- METHODS names methods that return promises
    const method = member as Method;
    const point = `${name}.${String(key)}`;
    return async (...args: readonly unknown[]) => {
      pass(`${point}:before`);
      const result = await method(...args);
      pass(`${point}:after`);
      return result;
    };
  });
}

function passingCalls(llm: Llm, pass: Pass): Llm {
  return {
    prepare: (prompt) => {
      const request = llm.prepare(prompt);
      const attempt: PreparedRequest['attempt'] = (start, listener) => {
        pass('llm.attempt');
        const call = request.attempt(start, {
          sent: () => listener.sent(),
          head: (head) => {
            pass('llm.head');
            listener.head(head);
          },
        });
        return { outcome: call.outcome.finally(() => pass('llm.ended')), abort: () => call.abort() };
      };
      return replacing(request, (key, member) => (key === 'attempt' ? attempt : member));
    },
  };
}

/** A view of an object whose members are what `replace` makes of them. Methods are bound to the object. */
function replacing<T extends object>(object: T, replace: (key: string | symbol, member: unknown) => unknown): T {
  return new Proxy(object, {
    get(target, key): unknown {
      const member: unknown = Reflect.get(target, key);
      return replace(key, typeof member === 'function' ? member.bind(target) : member);
    },
  });
}

function passingWrites(disk: Disk, pass: Pass): Disk {
  return {
    ...disk,
    write: (descriptor, bytes, offset) => {
      const half = Math.floor(bytes.length / 2);
      if (offset === 0) disk.write(descriptor, bytes.subarray(0, half), 0);
      pass('disk.write:half');
      const written = offset === 0 ? half + disk.write(descriptor, bytes, half) : disk.write(descriptor, bytes, offset);
      pass('disk.write:after');
      return written;
    },
    fsync: async (descriptor) => {
      await disk.fsync(descriptor);
      pass('disk.fsync:after');
    },
    rename: async (from, to) => {
      pass('disk.rename:before');
      await disk.rename(from, to);
      pass('disk.rename:after');
    },
  };
}
