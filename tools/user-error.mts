/** A mistake of whoever runs it: shown as its sentence alone, without a stack. */
export class UserError extends Error {}
