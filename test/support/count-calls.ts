// Loaded before the program, in its process. When that ends, counts.json in the current folder says how often it called
// what, and for files where. The main thread is counted, not its workers: a plain document needs none.
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { isMainThread } from 'node:worker_threads';
import Libsql from 'libsql';
import { Observable } from 'rxjs';

type Method = (this: unknown, ...values: unknown[]) => unknown;

const subscriptions: Record<string, number> = {};
const files: Record<string, number> = {};
const sql: Record<string, number> = {};

function count(calls: Record<string, number>, methods: object, name: string, detail: (value: unknown) => string): void {
  const property = Object.getOwnPropertyDescriptor(methods, name);
  if (typeof property?.value !== 'function') return;
  const original = property.value as Method;
  const counted: Method = function counted(...values) {
    const key = `${name} ${detail(values[0])}`;
    calls[key] = (calls[key] ?? 0) + 1;
    return original.apply(this, values);
  };
  // With what `promisify` looks for, and `realpath.native`.
  Object.defineProperties(counted, Object.getOwnPropertyDescriptors(original));
  Object.defineProperty(methods, name, { ...property, value: counted });
}

/** A path with what differs from document to document, numbers and UUIDs, left out. */
function placeOf(file: unknown): string {
  if (typeof file === 'number') return 'of a descriptor';
  return String(file)
    .replace(process.cwd(), '.')
    .replaceAll(/\b[\da-f-]*\d[\da-f-]*/g, '#');
}

/** Neither a class, nor what asks nothing of the disk. */
function isCall(name: string): boolean {
  return /^[a-z]/.test(name) && name !== 'constructor' && name !== 'getAsyncId';
}

async function countFiles(): Promise<void> {
  const handle = await fs.promises.open(process.execPath);
  const ofHandles = Object.getPrototypeOf(handle) as object;
  await handle.close();
  for (const methods of [fs, fs.promises])
    for (const name of Object.keys(methods).filter(isCall)) count(files, methods, name, placeOf);
  for (const name of Object.getOwnPropertyNames(ofHandles).filter(isCall))
    count(files, ofHandles, name, () => 'of a handle');
  // What is imported by name.
  syncBuiltinESMExports();
}

function countSql(): void {
  const database = new Libsql(':memory:');
  const ofStatements = Object.getPrototypeOf(database.prepare('SELECT 1')) as object;
  database.close();
  // `all` is not among them: it iterates.
  for (const name of ['run', 'get', 'iterate']) count(sql, ofStatements, name, () => 'of a statement');
  for (const name of ['prepare', 'exec']) count(sql, Libsql.prototype, name, String);
}

if (isMainThread) {
  const { writeFileSync } = fs;
  await countFiles();
  countSql();
  count(subscriptions, Observable.prototype, 'subscribe', () => 'to anything');
  process.on('exit', () => {
    writeFileSync('counts.json', JSON.stringify({ subscriptions, files, sql }));
  });
}
