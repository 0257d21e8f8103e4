import { catchError, concatMap, defer, forkJoin, map, type Observable, of } from 'rxjs';
import type { DocumentContent } from '../../domain/document.ts';
import type { Models } from '../../domain/models.ts';
import type { Converter, Inquiry } from '../../domain/ports.ts';
import type { Part, Prompt } from '../../domain/request.ts';
import { readDocument } from '../../inbox/read.ts';
import { Unaskable } from '../../llm/conversation/errors.ts';
import { type FitSettings, fitAnswer } from '../../llm/conversation/fit.ts';
import { stageRequest } from '../../llm/conversation/next-request.ts';
import { planCourse, stagesOf } from '../../llm/conversation/plan.ts';
import { renderPrompt, textsOf } from '../../llm/conversation/prompt.ts';
import { mediaSize } from '../../llm/request/size.ts';
import type { CountTokens } from '../../llm/tokens.ts';
import type { PlannedDocument } from './documents.ts';

export interface MeasureSettings extends Pick<FitSettings, 'models' | 'maxTokens'> {
  readonly inbox: string;
  /** Larger documents are refused. */
  readonly maxBytes: number;
  readonly converter: Converter;
  readonly countTokens: CountTokens;
}

/** What asking a document takes, or why it would be refused. */
export type Measured =
  | ({ readonly kind: 'asked' } & Measures)
  /** `code` is our word for why. */
  | { readonly kind: 'refused'; readonly code: string };

export interface Measures {
  /** Bytes of the document. */
  readonly size: number;
  /** Of them, those whose tokens were counted; by them the others were estimated. */
  readonly countedBytes: number;
  readonly requests: number;
  /** Answers that one of the requests holds. */
  readonly answersRead: number;
  /** Of all its prompts. */
  readonly textTokens: number;
  /** Estimated: of images, sound and PDFs. */
  readonly mediaTokens: number;
  readonly mediaTokensAtMost: number;
  /** The longest answer that is asked for. */
  readonly maxTokens: number;
}

/** What chat models add for the role of a message, and for the beginning of an answer. */
const TOKENS_OF = { message: 4, answer: 3 };

/**
 * Reads and converts a document as a run would, and makes its prompts. Of its text so many characters are counted at
 * most, from its beginning on. Emits once, null where it is not there as it was found; never errors.
 */
export function measureDocument(
  planned: PlannedDocument,
  mostCounted: number,
  settings: MeasureSettings,
): Observable<Measured | null> {
  const { inbox, maxBytes } = settings;
  return defer(() => readDocument({ root: inbox, maxBytes }, planned)).pipe(
    concatMap((read): Observable<Measured | null> => {
      if (read.kind === 'refused') return of(refused(read.code));
      return read.kind === 'read' ? measureContent(planned, read.content, mostCounted, settings) : of(null);
    }),
    catchError((error: unknown) => of(refused(error instanceof Unaskable ? error.code : 'unexpected'))),
  );
}

function measureContent(
  planned: PlannedDocument,
  content: DocumentContent,
  mostCounted: number,
  settings: MeasureSettings,
): Observable<Measured> {
  return settings.converter
    .convert(content, planned.recipe.handling.pdf)
    .pipe(
      concatMap((converted) =>
        converted.kind === 'refused'
          ? of(refused(converted.code))
          : measureParts(planned, converted.parts, mostCounted, settings),
      ),
    );
}

function refused(code: string): Measured {
  return { kind: 'refused', code };
}

function measureParts(
  { recipe, ...document }: PlannedDocument,
  parts: readonly Part[],
  mostCounted: number,
  { models, maxTokens, countTokens }: MeasureSettings,
): Observable<Measured> {
  const text = parts.flatMap((part) => (part.kind === 'text' ? [part.text] : [])).join('\n\n');
  const count = text.length <= mostCounted ? countTokens : byBeginning(text.slice(0, mostCounted), countTokens);
  const countedBytes = text === '' ? 0 : document.size * Math.min(1, mostCounted / text.length);
  return planRequests(
    { document, recipe, parts, fingerprint: document.id },
    { models, maxTokens, roomyModel: null, countTokens: () => of(count) },
  ).pipe(
    map((requests) => ({ size: document.size, countedBytes, ...sizeOf(requests, count, maxTokens) })),
    concatMap((measures) => withinContext(measures, recipe.model, models)),
    map((measures): Measured => ({ kind: 'asked', ...measures })),
  );
}

/** No prompt is longer than what its model takes. Nothing is looked up for texts: those are known to fit. */
function withinContext(measures: Measures, model: string, models: Models): Observable<Measures> {
  const { requests, mediaTokens, mediaTokensAtMost } = measures;
  if (mediaTokensAtMost === 0) return of(measures);
  return models.facts(model).pipe(
    map((facts) => {
      const most = requests * (facts?.contextTokens ?? Number.POSITIVE_INFINITY);
      const [likely, atMost] = [Math.min(mediaTokens, most), Math.min(mediaTokensAtMost, most)];
      return { ...measures, mediaTokens: likely, mediaTokensAtMost: atMost };
    }),
  );
}

/** What the beginning of a text comes to goes for all of it. */
function byBeginning(beginning: string, countTokens: CountTokens): CountTokens {
  const perCharacter = countTokens(beginning) / beginning.length;
  return (text) => Math.ceil(text.length * perCharacter);
}

function sizeOf(
  { prompts, answersRead }: PlannedRequests,
  count: CountTokens,
  maxTokens: number,
): Omit<Measures, 'size' | 'countedBytes'> {
  const media = prompts.map(({ messages }) => mediaSize(messages));
  return {
    requests: prompts.length,
    answersRead,
    textTokens: sum(prompts.map((prompt) => textTokens(prompt, count))),
    mediaTokens: sum(media.map(({ likelyPromptTokens }) => likelyPromptTokens)),
    mediaTokensAtMost: sum(media.map(({ promptTokensAtMost }) => promptTokensAtMost)),
    maxTokens: Math.max(...prompts.map((prompt) => prompt.maxTokens ?? maxTokens)),
  };
}

function textTokens(prompt: Prompt, count: CountTokens): number {
  return sum(textsOf(prompt).map(count)) + prompt.messages.length * TOKENS_OF.message + TOKENS_OF.answer;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** The requests of a document in which nothing goes wrong. */
interface PlannedRequests {
  readonly prompts: readonly Prompt[];
  /** Answers that the last prompt holds beside its text: those to the parts of the document, where it combines them. */
  readonly answersRead: number;
}

/** What a document would be asked. Emits once; errors with Unaskable where a run would refuse it. */
function planRequests(inquiry: Inquiry, settings: FitSettings): Observable<PlannedRequests> {
  const { models } = settings;
  return renderPrompt(inquiry, inquiry.parts).pipe(
    concatMap((whole) =>
      planCourse(inquiry, whole, settings).pipe(
        concatMap((course) => {
          const requestAt = (index: number) =>
            stageRequest({ inquiry, whole, course, models }, { index, answered: [], goesOn: false });
          const requests = Array.from({ length: stagesOf(course) }, (_, index) =>
            requestAt(index).pipe(concatMap((prompt) => fitAnswer(prompt, settings))),
          );
          const answersRead = course.combine === null ? 0 : course.pieces.length;
          return forkJoin(requests).pipe(map((prompts) => ({ prompts, answersRead })));
        }),
      ),
    ),
  );
}
