import type { Prompt } from '../domain/request.ts';
import { asArray } from './json.ts';

/** The models that may answer a prompt: the one that is asked, and those that stand in for it. */
export function modelsAsked({ model, fields = {} }: Prompt): readonly string[] {
  return [...new Set([model, ...asArray(fields['models']).filter((name) => typeof name === 'string')])];
}
