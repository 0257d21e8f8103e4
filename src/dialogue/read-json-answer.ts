import { type FoundValue, findJson } from '../llm/conversation/find-json.ts';
import type { SchemaCheck, Violation } from '../llm/conversation/schema-check.ts';
import type { Reading } from './reading.ts';
import { wholeCharacters } from './whole-characters.ts';

/** What a model can mend at once, and people care to read. */
const MOST_VIOLATIONS = 20;
const LONGEST_VIOLATION = 300;

/** The JSON of a reply, where it satisfies the schema: of several values, the largest that does. */
export function readJsonAnswer(text: string, check: SchemaCheck): Reading {
  const json = findJson(text);
  if (json.kind === 'broken') return notJson(json.reason);
  const bySize = json.values.toSorted((one, other) => other.pretty.length - one.pretty.length);
  const sound = bySize.find(({ value }) => check(value).length === 0);
  return sound === undefined ? broken(bySize, check) : taken(sound, json.values.length);
}

function taken({ pretty }: FoundValue, values: number): Reading {
  const notes = values === 1 ? [] : [`The reply held ${values} JSON values: the largest that holds was taken.`];
  return { kind: 'sound', text: `${pretty}\n`, notes };
}

function notJson(reason: string): Reading {
  return {
    kind: 'broken',
    code: 'invalid-json',
    message: `The answer is no valid JSON: ${reason}`,
    complaint: `- It is no valid JSON: ${reason}.`,
  };
}

function broken([largest]: readonly FoundValue[], check: SchemaCheck): Reading {
  const violations = check(largest?.value);
  return {
    kind: 'broken',
    code: 'schema-broken',
    message: `The answer does not satisfy the schema: ${inWords(violations)}`,
    complaint: violations
      .slice(0, MOST_VIOLATIONS)
      .map(({ detail }) => `- ${detail.slice(0, wholeCharacters(detail, LONGEST_VIOLATION))}`)
      .join('\n'),
  };
}

function inWords(violations: readonly Violation[]): string {
  const rules = [...new Set(violations.map(({ rule }) => rule))];
  const first = rules.slice(0, 3).join('; ');
  return rules.length > 3 ? `${first}; and ${rules.length - 3} more` : first;
}
