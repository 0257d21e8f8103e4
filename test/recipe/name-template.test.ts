import { describe, expect, test } from '@jest/globals';
import { PLAIN_HANDLING } from '../../src/domain/recipe.ts';
import type { RecipeDefinition } from '../../src/recipe/header.ts';
import { createRecipe } from '../../src/recipe/recipe.ts';
import { definitionOf, RUN } from './support.ts';

const resultPlace = (definition: Partial<RecipeDefinition>, id: string) =>
  createRecipe(definitionOf('{{document}}', definition), RUN).place({ id });

const place = (resultName: string | null, id: string) => resultPlace({ resultName }, id).name;

describe('a result is filed', () => {
  test('under the name of its document, as Markdown', () => {
    expect(resultPlace({}, 'q1/report.pdf')).toEqual({
      name: 'q1/report.pdf',
      ending: '.md',
    });
  });

  test('as JSON if it is JSON, and with the ending that the recipe gives', () => {
    const output = { ...PLAIN_HANDLING.output, format: 'json' as const };
    const json = { handling: { ...PLAIN_HANDLING, output } };
    expect(resultPlace(json, 'a').ending).toBe('.json');
    expect(resultPlace({ ...json, resultEnding: '.geojson' }, 'a').ending).toBe('.geojson');
  });

  test.each([
    ['{{stem}}', 'q1/report.final.pdf', 'report.final'],
    ['{{folder}}/{{stem}}', 'q1/deep/report.pdf', 'q1/deep/report'],
    ['{{folder}}/{{stem}}', 'report.pdf', 'report'],
    ['{{ name }}-{{extension}}', 'q1/report.pdf', 'report.pdf-pdf'],
    ['summaries/{{path}}', 'q1/report.pdf', 'summaries/q1/report.pdf'],
    ['{{extension}}', 'report', 'report'],
    ['{{stem}}', '{{path}}.txt', '{{path}}'],
    ['{{stem}}', '$&.txt', '$&'],
    ['{{unknown}}', 'a', '{{unknown}}'],
  ])('by the template %s: %s as %s', (template, id, name) => {
    expect(place(template, id)).toBe(name);
  });

  test.each([
    ['..', 'a'],
    ['../{{name}}', 'a'],
    ['x/../../{{name}}', 'a'],
    ['{{stem}}', '..pdf'],
    ['. ./.. /x', 'a'],
    ['..\\{{name}}', 'a'],
    ['', 'a'],
    ['/', 'a'],
    ['{{extension}}', 'q1/a'],
  ])('under its own name if the template %j would lead elsewhere', (template, id) => {
    expect(place(template, id)).toBe(id);
  });

  test('never from the root', () => {
    expect(place('/etc/{{name}}', 'a')).toBe('etc/a');
  });
});
