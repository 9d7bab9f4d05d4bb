/** What was asked cannot be done, or is not there: one line for a person, exit code 1. */
export class Refused extends Error {}

/** The command was not written as it should be: one line for a person, exit code 2. */
export class WrongUsage extends Error {}
