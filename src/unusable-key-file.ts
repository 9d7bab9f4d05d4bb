/** A key file or folder that cannot be used: one line for a person, naming the file and what would help. */
export class UnusableKeyFile extends Error {}
