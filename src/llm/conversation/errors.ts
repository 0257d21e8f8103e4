/** Why a document cannot be asked as it is. Caught where the move is made: no one else sees it. */
export class Unaskable extends Error {
  override readonly name = 'Unaskable';
  /** A stable word. */
  readonly code: string;

  constructor(code: string, reason: string) {
    super(reason);
    this.code = code;
  }
}

/** Why a document cannot be asked at the moment, and will be able to be. Caught where the move is made: no one else sees it. */
export class NotNow extends Error {
  override readonly name = 'NotNow';
}
