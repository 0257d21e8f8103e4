import type { Observable } from 'rxjs';
import type { Modality } from './request.ts';

/** What an API tells of a model. */
export interface ModelFacts {
  /** Tokens of prompt and answer together; null where it is not told. */
  readonly contextTokens: number | null;
  /** Tokens of the longest answer; null where it is not told. */
  readonly maxCompletionTokens: number | null;
  /** What it takes; null where it is not told. */
  readonly inputs: readonly Modality[] | null;
  /** Whether it can be held to a JSON Schema; null where it is not told. */
  readonly structuredOutputs: boolean | null;
  /** Whether it can be told how long to think; null where it is not told. */
  readonly reasoning: boolean | null;
}

/** What is known of the models of an API. */
export interface Models {
  /** The API chooses among providers and reads files for models that cannot: it knows `provider` and `plugins`. */
  readonly routes: boolean;
  /**
   * False where the API could not be asked, neither now nor before: it may tell later what `facts` has not. True also
   * where it tells nothing of any model. Emits once; never errors.
   */
  reached(): Observable<boolean>;
  /** Emits once, null where nobody tells; never errors. Asks the API the first time, and keeps what it said. */
  facts(model: string): Observable<ModelFacts | null>;
  /** Ids of some models that take all of these. Emits once, none where nobody tells; never errors. */
  taking(inputs: readonly Modality[]): Observable<readonly string[]>;
}
