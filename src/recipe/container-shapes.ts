import { isRecord, type JsonRecord } from '../lib/json.ts';
import { type Shape, scalar } from './shapes.ts';
import { meantName, notThatName, unknownName } from './unknown-name.ts';

export function listOf<Value>(items: Shape<Value>, { min = 0, max = Infinity } = {}): Shape<readonly Value[]> {
  const size = max === Infinity ? (min === 0 ? '' : ', not empty') : `, at most ${max}`;
  const list = scalar(`a list (each ${items.allowed}${size})`, (value): value is readonly unknown[] => {
    return Array.isArray(value) && value.length >= min && value.length <= max;
  });
  return {
    allowed: list.allowed,
    read: (value, where, report) =>
      list
        .read(value, where, report)
        ?.map((item, index) => items.read(item, `${where}[${index}]`, report))
        .filter((item) => item !== undefined),
  };
}

/** A map of names that are anybody's own. */
export function mapOf(values: Shape, most: number = Infinity): Shape<JsonRecord> {
  const size = most === Infinity ? '' : `, at most ${most}`;
  const map = scalar(`a map (each ${values.allowed}${size})`, (value): value is JsonRecord => {
    return isRecord(value) && Object.keys(value).length <= most;
  });
  return {
    allowed: map.allowed,
    read: (value, where, report) => {
      const record = map.read(value, where, report);
      for (const [name, item] of Object.entries(record ?? {})) values.read(item, `${where}.${name}`, report);
      return record;
    },
  };
}

/** Known fields by their names. Where `open`, what looks like none of them passes: the API may know more. */
export function fields(
  table: Readonly<Record<string, Shape>>,
  { open = false, required = [] }: { open?: boolean; required?: readonly string[] } = {},
): Shape<JsonRecord> {
  const known = Object.keys(table);
  const map = scalar(`a map of ${known.join(', ')}`, isRecord);
  const unknown = open ? nearMiss : unknownName;
  return {
    allowed: map.allowed,
    read: (value, where, report) => {
      const record = map.read(value, where, report);
      if (record === undefined) return undefined;

      for (const name of required) if (!Object.hasOwn(record, name)) report(`${where}.${name}`, 'is missing');
      for (const [name, item] of Object.entries(record)) {
        const problem = Object.hasOwn(table, name) ? null : unknown(name, known);
        if (problem === null) table[name]?.read(item, `${where}.${name}`, report);
        else report(`${where}.${name}`, problem);
      }
      return record;
    },
  };
}

function nearMiss(name: string, known: readonly string[]): string | null {
  const meant = meantName(name, known);
  return meant === null ? null : notThatName(meant);
}
