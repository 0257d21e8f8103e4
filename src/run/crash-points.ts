import { concat, defer, EMPTY, type Observable, tap } from 'rxjs';
import type { Ledger } from '../domain/ledger.ts';
import type { AttemptProgress, Inbox, Llm, Outbox } from '../domain/ports.ts';
import type { Disk } from '../lib/durable-files.ts';

/** Ports whose methods return Observables: each can be died before or after. */
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

/** All the points of a document's life at which a test can have the process killed. */
export const crashLabels: readonly string[] = [
  ...Object.entries(METHODS).flatMap(([port, methods]) =>
    methods.flatMap((method) => [`${port}.${method}:before`, `${port}.${method}:after`]),
  ),
  ...STEPS,
];

/** The ports that can be died at. */
export interface CrashPorts {
  readonly inbox: Inbox;
  readonly ledger: Ledger;
  readonly outbox: Outbox;
  readonly llm: Llm;
}

/** Passes the points; at the chosen one the process kills itself. */
export interface CrashPoints {
  on(ports: CrashPorts): CrashPorts;
  onDisk(disk: Disk): Disk;
}

/**
 * For tests: `SLUICE_CRASH_AT=ledger.end:after#3` kills the process (SIGKILL) when it passes that point for the third
 * time. Null where the variable is not set: then nothing is wrapped.
 *
 * @param die kills the process
 */
export function crashPoints(
  environment: NodeJS.ProcessEnv,
  die: () => void = () => process.kill(process.pid, 'SIGKILL'),
): CrashPoints | null {
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
    on: (ports) => ({
      inbox: passing(ports.inbox, 'inbox', pass),
      ledger: passing(ports.ledger, 'ledger', pass),
      outbox: passing(ports.outbox, 'outbox', pass),
      llm: passingCalls(ports.llm, pass),
    }),
    onDisk: (disk) => passingWrites(disk, pass),
  };
}

type Pass = (point: string) => void;
type Method = (...args: readonly unknown[]) => Observable<unknown>;

function passing<P extends object>(port: P, name: keyof typeof METHODS, pass: Pass): P {
  return new Proxy(port, {
    get(target, key, receiver): unknown {
      const member: unknown = Reflect.get(target, key, receiver);
      const methods: readonly (string | symbol)[] = METHODS[name];
      if (typeof member !== 'function' || !methods.includes(key)) return member;
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- METHODS names methods that return Observables
      const method = member.bind(target) as Method;
      const point = `${name}.${String(key)}`;
      return (...args: readonly unknown[]) =>
        concat(
          defer(() => {
            pass(`${point}:before`);
            return EMPTY;
          }),
          method(...args).pipe(tap({ complete: () => pass(`${point}:after`) })),
        );
    },
  });
}

function passingCalls(llm: Llm, pass: Pass): Llm {
  return {
    prepare: (prompt) => {
      const request = llm.prepare(prompt);
      return {
        ...request,
        attempt: (start): Observable<AttemptProgress> =>
          defer(() => {
            pass('llm.attempt');
            return request.attempt(start).pipe(tap(({ kind }) => pass(`llm.${kind}`)));
          }),
      };
    },
  };
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
