/** Why a document cannot be asked as it is. Caught where the next request is made: no one else sees it. */
export class CannotAskError extends Error {
  override readonly name = 'CannotAskError';
  /** A stable word. */
  readonly code: string;

  constructor(code: string, reason: string) {
    super(reason);
    this.code = code;
  }
}

/** Why a document cannot be asked at the moment, but will be later. Caught where the next request is made. */
export class AskLaterError extends Error {
  override readonly name = 'AskLaterError';
}
