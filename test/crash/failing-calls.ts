import { syncBuiltinESMExports } from 'node:module';
import { resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Not imported: what is imported under jest holds on to the calls that it found there first. */
const fs = process.getBuiltinModule('node:fs');

/** Whose first argument is a path. */
const PATH_CALLS = words(`
  access appendFile chmod copyFile link lstat mkdir open opendir readdir readFile readlink realpath rename rm rmdir stat
  statfs symlink truncate unlink utimes writeFile`);
/** Whose first argument is a descriptor. */
const DESCRIPTOR_CALLS = words('close fdatasync fstat fsync ftruncate futimes read readv write writev');
/** Of a file that `fs.promises.open` opened. */
const HANDLE_CALLS = words('close datasync read readFile stat sync truncate utimes write writeFile');

type Call = (...args: unknown[]) => unknown;
type Callback = (error: unknown, ...values: unknown[]) => void;
/** The path that a call concerns, by its first argument; null where it lies elsewhere. */
type PathOf = (subject: unknown) => string | null;
/** How a call tells of an error. */
type Telling = (error: Error, args: readonly unknown[]) => unknown;

const throwing: Telling = (error) => {
  throw error;
};
const rejecting: Telling = async (error) => {
  throw error;
};
const callingBack: Telling = (error, args) => {
  process.nextTick(args.at(-1) as Callback, error);
};

/**
 * Stands between the program and `node:fs`, and lets one call fail once. It counts calls whose path or descriptor lies
 * in one folder, and no others. To be installed before the program's modules are loaded.
 */
export class FailingCalls {
  /** Calls in the folder so far. */
  count = 0;
  /** The call that failed, in words; null where none did yet. */
  failed: string | null = null;
  #folder = '';
  #failAt = 0;
  #code = '';
  /** What lies open in the folder, by descriptor. */
  readonly #open = new Map<unknown, string>();
  readonly #restores: (() => void)[] = [];

  /** Begins to count in this folder; call number `failAt`, from 1, will fail with this code; with 0 none does. */
  arm(folder: string, failAt: number, code: string): void {
    this.count = 0;
    this.failed = null;
    [this.#folder, this.#failAt, this.#code] = [folder, failAt, code];
  }

  /** Lets nothing fail from now on. */
  disarm(): void {
    this.arm('', 0, '');
  }

  /** Puts itself in the place of node's calls; what it returns takes it away again. */
  install(): () => void {
    this.#followDescriptors();
    for (const name of PATH_CALLS) this.#wrapForms(name, (path) => this.#inside(path));
    for (const name of DESCRIPTOR_CALLS) this.#wrapForms(name, (descriptor) => this.#open.get(descriptor) ?? null);
    this.#replace(fs, 'watch', (watch) => this.#failing('watch', watch, (path) => this.#inside(path), throwing));
    syncBuiltinESMExports();
    return () => {
      for (const restore of this.#restores.splice(0).toReversed()) restore();
      syncBuiltinESMExports();
    };
  }

  #wrapForms(name: string, pathOf: PathOf): void {
    this.#replace(fs, name, (call) => this.#failing(name, call, pathOf, callingBack));
    this.#replace(fs, `${name}Sync`, (call) => this.#failing(name, call, pathOf, throwing));
    this.#replace(fs.promises, name, (call) => this.#failing(name, call, pathOf, rejecting));
  }

  #replace(holder: object, name: string, wrap: (original: Call) => Call): void {
    this.#restores.push(replace(holder, name, wrap));
  }

  #failing(name: string, call: Call, pathOf: PathOf, tell: Telling): Call {
    return (...args) => {
      const path = pathOf(args[0]);
      if (path === null) return call(...args);
      this.count += 1;
      if (this.count !== this.#failAt) return call(...args);
      this.failed = `${name} ${path}`;
      // A file is closed even where that tells of an error.
      if (name === 'close') quietly(() => call(...args.slice(0, 1)));
      const message = `${this.#code}: made to fail, ${this.failed}`;
      return tell(Object.assign(new Error(message), { code: this.#code, syscall: name }), args);
    };
  }

  /** The path, where it lies in the folder. */
  #inside(path: unknown): string | null {
    const text = path instanceof URL ? fileURLToPath(path) : String(path);
    return this.#folder !== '' && `${resolve(text)}${sep}`.startsWith(`${this.#folder}${sep}`) ? text : null;
  }

  /** Keeps in mind which descriptors lie in the folder. */
  #followDescriptors(): void {
    const note = (path: unknown, descriptor: unknown): void => {
      const inside = this.#inside(path);
      if (inside !== null) this.#open.set(descriptor, inside);
    };
    this.#replace(fs, 'openSync', (open) => (path, ...rest) => {
      const descriptor = open(path, ...rest);
      note(path, descriptor);
      return descriptor;
    });
    this.#replace(fs, 'open', (open) => (path, ...rest) => {
      const callback = rest.pop() as Callback;
      return open(path, ...rest, (error: unknown, descriptor: unknown) => {
        if (error === null) note(path, descriptor);
        callback(error, descriptor);
      });
    });
    this.#replace(fs.promises, 'open', (open) => async (path, ...rest) => {
      const handle = (await open(path, ...rest)) as object;
      const inside = this.#inside(path);
      if (inside !== null) this.#wrapHandle(handle, inside);
      return handle;
    });
    for (const name of ['close', 'closeSync']) {
      this.#replace(fs, name, (close) => (descriptor, ...rest) => {
        this.#open.delete(descriptor);
        return close(descriptor, ...rest);
      });
    }
  }

  #wrapHandle(handle: object, path: string): void {
    for (const name of HANDLE_CALLS)
      replace(handle, name, (call) => this.#failing(name, call.bind(handle), () => path, rejecting));
  }
}

/** Returns how to undo it. */
function replace(holder: object, name: string, wrap: (original: Call) => Call): () => void {
  const original: unknown = Reflect.get(holder, name);
  if (typeof original !== 'function') return () => undefined;
  const wrapped = wrap(original as Call);
  // What `promisify` finds on the original must be found on what stands in its place.
  Reflect.set(holder, name, Object.defineProperties(wrapped, Object.getOwnPropertyDescriptors(original)));
  return () => void Reflect.set(holder, name, original);
}

function quietly(work: () => unknown): void {
  try {
    const result = work();
    if (result instanceof Promise) result.catch(() => undefined);
  } catch {
    // It is to fail in any case.
  }
}

function words(text: string): readonly string[] {
  return text.trim().split(/\s+/);
}
