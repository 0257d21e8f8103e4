/** A server's hint up to this long (seconds) is waited for; a longer one parks the document (DESIGN section 4). */
export const LONGEST_HINT_SECONDS = 15 * 60;

/** No wait is longer than this (seconds), whatever a server hints: then it is looked at again. */
export const LONGEST_WAIT_SECONDS = 24 * 60 * 60;
