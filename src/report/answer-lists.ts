import { isRecord } from '../lib/json.ts';

/** Where a list is in an answer, key by key; empty where the answer is the list itself. */
export type ListPath = readonly string[];

/** A dot behind no backslash, or behind backslashes that stand for themselves. */
const DOT_BETWEEN = /(?<=(?<!\\)(?:\\{2})*)\./;

/** The path that a name stands for: `lines`, `data.lines`, `.` for the answer itself. */
export function listPath(name: string): ListPath {
  return name === '.' ? [] : name.split(DOT_BETWEEN).map((key) => key.replaceAll(/\\([\\.])/g, '$1'));
}

/** The name of a path, as `--rows` takes it and columns have it. A dot in a key is `\.` there, a backslash `\\`. */
export function nameOf(path: ListPath): string {
  return path.length === 0 ? '.' : path.map((key) => key.replaceAll(/[\\.]/g, String.raw`\$&`)).join('.');
}

/**
 * The value once for each item of the list at `path`, with the item in place of the list; lists on the way there are
 * unrolled as well. Once where there is no such list; where it is empty or null, with undefined in its place.
 */
export function* unrolled(value: unknown, path: ListPath): Generator {
  const [key, ...rest] = path;
  for (const item of itemsOf(value)) {
    if (key === undefined || !isRecord(item) || !Object.hasOwn(item, key)) yield item;
    else for (const inner of unrolled(item[key], rest)) yield { ...item, [key]: inner };
  }
}

/** Whether there is a list at `path`; null stands for one that is empty. */
export function hasList(value: unknown, [key, ...rest]: ListPath): boolean {
  if (key === undefined) return Array.isArray(value) || value === null;
  const items = Array.isArray(value) ? value : [value];
  return items.some((item) => isRecord(item) && Object.hasOwn(item, key) && hasList(item[key], rest));
}

/** The names of all lists in a value; of one whose items have the same lists, more than once. */
export function* listNames(value: unknown, path: ListPath = []): Generator<string> {
  if (Array.isArray(value)) {
    yield nameOf(path);
    for (const item of value) yield* listNames(item, path);
  } else if (isRecord(value)) for (const [key, field] of Object.entries(value)) yield* listNames(field, [...path, key]);
}

function itemsOf(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) return [value ?? undefined];
  return value.length === 0 ? [undefined] : value;
}
