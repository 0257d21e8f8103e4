import { hash } from 'node:crypto';
import { map } from 'rxjs';
import type { AttemptProgress, AttemptStart, PreparedRequest } from '../domain/ports.ts';
import type { Prompt } from '../domain/request.ts';
import type { Api } from './api.ts';
import { type CallLimits, type CallProgress, call } from './call.ts';
import type { HttpClient, HttpRequest } from './http-client.ts';
import { attemptOutcome, generationIdOf } from './outcome.ts';
import { replayHeaders } from './replay.ts';
import type { ParsedReply } from './reply.ts';
import { createReplyReader } from './reply-reader.ts';
import { type BodySettings, requestBody } from './request-body.ts';
import type { Scrub } from './scrub.ts';

export interface RequestSettings extends BodySettings, CallLimits {
  readonly api: Api;
  /** Ask for answers that the API may have kept; see `replayHeaders`. */
  readonly replayCache: boolean;
  /** Takes out of what the server says what must not be told of it. */
  readonly scrubFor: (prompt: Prompt) => Scrub;
}

/** Writes the request down. Its attempts send the same bytes: by these OpenRouter tells whether it has their answer. */
export function createPreparedRequest(http: HttpClient, prompt: Prompt, settings: RequestSettings): PreparedRequest {
  const body = Buffer.from(JSON.stringify(requestBody(prompt, settings)));
  const bodySha256 = hash('sha256', body);
  let scrub: Scrub | undefined;
  const replays = settings.replayCache && settings.api.replaysAnswers;
  const request = (anew: boolean): HttpRequest => ({
    method: 'POST',
    path: '/chat/completions',
    body,
    ...(replays && { headers: replayHeaders(anew) }),
  });
  const progress = (step: CallProgress<ParsedReply>, start: AttemptStart): AttemptProgress => {
    scrub ??= settings.scrubFor(prompt);
    if (step.kind === 'head')
      return { kind: 'head', head: { status: step.status, generationId: generationIdOf(step.headers, scrub) } };

    const { seconds } = step.result;
    const outcome = attemptOutcome(step.result, { ...start, seconds, endedAtMs: Date.now() }, scrub);
    return { kind: 'ended', outcome };
  };
  return {
    bodySha256,
    bytes: body.length,
    maxTokens: settings.maxTokens,
    attempt: (start) =>
      call(http, request(start.anew), createReplyReader, settings).pipe(map((step) => progress(step, start))),
  };
}
