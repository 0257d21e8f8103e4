/** Why a document cannot be asked at the moment, and will be able to be. Caught where the move is made: no one else sees it. */
export class NotNow extends Error {
  override readonly name = 'NotNow';
}
