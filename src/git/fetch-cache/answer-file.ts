/** Where a maker has a program write an answer to. */
export interface AnswerFile {
  /** The file itself, at its end: whoever is given it as its output writes the answer without us. */
  readonly descriptor: number
  /** Says which process writes, the head of a group: it is ended where this one dies before it. */
  writtenBy(pid: number): Promise<void>
  /** Whether there is room for an answer of this length in bytes, to be asked before it is begun. */
  hasRoomFor(length: number): Promise<boolean>
  /** Calls back whenever there is more of it. */
  onGrowth(told: () => void): void
}
