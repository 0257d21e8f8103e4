/** Stands where something was taken out of a server's text. */
export const OMITTED = '[…]';
