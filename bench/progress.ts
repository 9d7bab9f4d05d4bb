/** Says on standard error what is going on; standard output carries the table alone. */
export const progress = (text: string): void => {
  console.error(`bench: ${text}`)
}
