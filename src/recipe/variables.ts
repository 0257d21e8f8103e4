/** What a template may print and compare. */
export const VARIABLES = ['document', 'name', 'path', 'size', 'modified'] as const;
