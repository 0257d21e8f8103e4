import { randomUUID } from 'node:crypto';
import Handlebars from 'handlebars';
import { errorMessage, UsageError } from '../domain/errors.ts';
import { type SurveySettings, TemplateSurvey } from './check-template.ts';
import { type RenderedMessage, splitMessages } from './split-messages.ts';

/** What is known of a document beside its contents. */
export interface Variables {
  readonly name: string;
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  /** ISO 8601, UTC. */
  readonly modified: string;
}

export interface Template {
  /** The partials that it uses: their sources by name. */
  readonly partials: ReadonlyMap<string, string>;
  /** The messages, with a place for the document, which never is in the hands of the template. */
  render(variables: Variables): readonly RenderedMessage[];
}

/**
 * A dotprompt template as a function: Handlebars with dotprompt's helpers, in an environment of its own.
 *
 * dotprompt's own renderer finds roles and media by marks in the rendered text, also where a variable brought them: whoever
 * names a file could write a system message. So roles, media and the document are marked here by what nobody can guess.
 * It also keeps all partials in one global table and hands nothing over before an `await`; a recipe is chosen at once.
 *
 * @throws UsageError with every problem of the template
 */
export function compileTemplate(source: string, settings: SurveySettings): Template {
  const { partials, problems } = surveyed(source, settings);
  if (problems.length > 0) throw new UsageError(problems.join(' '));

  const mark = `\0${randomUUID()}\0`;
  const document = `${mark}document${mark}`;
  const render = environment(mark, partials).compile<Variables & { readonly document: string }>(source, {
    knownHelpers: { role: true, media: true, json: true, ifEquals: true, unlessEquals: true },
    knownHelpersOnly: true,
    noEscape: true,
  });
  return { partials, render: (variables) => splitMessages(render({ ...variables, document }), mark) };
}

function surveyed(source: string, settings: SurveySettings): Pick<TemplateSurvey, 'partials' | 'problems'> {
  const survey = new TemplateSurvey(settings);
  try {
    survey.survey(source);
    return survey;
  } catch (error) {
    throw new UsageError(`The template: ${errorMessage(error)}`, { cause: error });
  }
}

function environment(mark: string, partials: ReadonlyMap<string, string>): typeof Handlebars {
  const handlebars = Handlebars.create();
  handlebars.registerHelper({
    role: (role: string) => `${mark}role ${role}${mark}`,
    media: ({ hash }: Handlebars.HelperOptions) =>
      String(hash['url']).startsWith(mark) ? hash['url'] : `${mark}image ${hash['url']}${mark}`,
    json: (value: unknown, { hash }: Handlebars.HelperOptions) => JSON.stringify(value, null, hash['indent'] ?? 0),
    ifEquals(this: unknown, one: unknown, other: unknown, { fn, inverse }: Handlebars.HelperOptions) {
      return one === other ? fn(this) : inverse(this);
    },
    unlessEquals(this: unknown, one: unknown, other: unknown, { fn, inverse }: Handlebars.HelperOptions) {
      return one === other ? inverse(this) : fn(this);
    },
  });
  for (const [name, text] of partials) handlebars.registerPartial(name, text);
  return handlebars;
}
