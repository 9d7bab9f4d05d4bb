/** What may be asked of the refs of a repository. Patterns are full names, or what stands before a slash in them. */
export interface RefInquiry {
  readonly kind: 'refs'
  readonly patterns: readonly string[]
  readonly sort?: 'committerdate' | '-committerdate' | 'creatordate' | '-creatordate' | 'version:refname' | '-version:refname'
  /** Only refs that this commit contains. */
  readonly merged?: string
  /** Only refs that contain this commit. */
  readonly contains?: string
}

export interface HistoryInquiry {
  readonly kind: 'history'
  /** Where the walk begins; `all`: at every branch and tag. */
  readonly from: string | 'all'
  /** Leaves out this commit and all before it. */
  readonly without?: string | undefined
  readonly path?: string | undefined
  /** Part of the author's name and address, as it is written there. */
  readonly author?: string | undefined
  /** Seconds. */
  readonly since?: number | undefined
  readonly until?: number | undefined
  readonly firstParent?: boolean
  readonly topological?: boolean
  readonly skip: number
  readonly most: number
}

/**
 * A question about what a repository holds, which git answers without changing anything. Objects are named by
 * hexadecimal ids alone, so that no words of a client are ever read as git's own language of revisions.
 */
export type Inquiry =
  | RefInquiry
  | HistoryInquiry
  /** Each object whole, led by a line with its id, type and size. `peel`: the commit to which a tag leads. */
  | { readonly kind: 'objects'; readonly ids: readonly string[]; readonly peel?: true }
  /** Only that line; here ids may be shortened. */
  | { readonly kind: 'object-lines'; readonly ids: readonly string[]; readonly peel?: true }
  | { readonly kind: 'blob'; readonly id: string }
  /** The one entry of a path. */
  | { readonly kind: 'entry'; readonly commit: string; readonly path: string }
  | { readonly kind: 'tree'; readonly id: string; readonly recursive: boolean }
  /** How many lines each commit added and took away against the commit beside it, or against nothing. */
  | { readonly kind: 'stats'; readonly commits: readonly { readonly id: string; readonly parent: string | undefined }[] }
  /** What changed between two commits, or since nothing: a line for each file, then the patches in the same order. */
  | { readonly kind: 'diff'; readonly from: string | undefined; readonly to: string }
  | { readonly kind: 'merge-base'; readonly ids: readonly string[] }

/** Words for git, and what it reads from its standard input. */
export interface Asking {
  readonly words: readonly string[]
  readonly input: string
}

const hexadecimal = /^[0-9a-f]{4,64}$/

const checked = (id: string): string => {
  if (!hexadecimal.test(id)) throw new Error('git is asked about object ids only')
  return id
}

const linesOf = ({ ids, peel }: { readonly ids: readonly string[]; readonly peel?: true }): string =>
  ids.map((id) => `${checked(id)}${peel ? '^{commit}' : ''}\n`).join('')

const refWords = ({ patterns, sort, merged, contains }: RefInquiry): string[] => [
  'for-each-ref',
  '--format=%(refname)',
  // The last key counts first.
  '--sort=refname',
  ...(sort === undefined ? [] : [`--sort=${sort}`]),
  ...(merged === undefined ? [] : [`--merged=${checked(merged)}`]),
  ...(contains === undefined ? [] : [`--contains=${checked(contains)}`]),
  '--',
  ...patterns,
]

const moment = (seconds: number): string => `@${Math.trunc(seconds)} +0000`

const historyWords = (asked: HistoryInquiry): string[] => [
  'rev-list',
  `--skip=${asked.skip}`,
  `--max-count=${asked.most}`,
  // As it is written, no pattern: one that a client chose could keep git busy.
  '--fixed-strings',
  ...(asked.author === undefined ? [] : [`--author=${asked.author}`]),
  ...(asked.since === undefined ? [] : [`--since=${moment(asked.since)}`]),
  ...(asked.until === undefined ? [] : [`--until=${moment(asked.until)}`]),
  ...(asked.firstParent ? ['--first-parent'] : []),
  ...(asked.topological ? ['--topo-order'] : []),
  ...(asked.from === 'all' ? ['--branches', '--tags'] : [checked(asked.from)]),
  ...(asked.without === undefined ? [] : [`^${checked(asked.without)}`]),
  '--',
  ...(asked.path === undefined ? [] : [asked.path]),
]

const statLines = ({ commits }: Extract<Inquiry, { kind: 'stats' }>): string =>
  commits.map(({ id, parent }) => `${checked(id)}${parent === undefined ? '' : ` ${checked(parent)}`}\n`).join('')

const statWords = ['diff-tree', '--stdin', '-r', '-M', '--root', '--shortstat', '--no-ext-diff', '--no-textconv']

/** The tree in which nothing lies; git knows it without having it. */
const emptyTree = '4b825dc642cb6eb9a060e54bf8d69288fbee4904'

/** Renames as Gitaly finds them (`internal/gitaly/service/diff`). Paths are quoted, so that none can look like another line. */
const diffWords = ({ from = emptyTree, to }: Extract<Inquiry, { kind: 'diff' }>): string[] => [
  'diff-tree',
  '-r',
  '--raw',
  '--patch',
  '--full-index',
  '--find-renames=30%',
  '--no-color',
  '--no-ext-diff',
  '--no-textconv',
  checked(from),
  checked(to),
  '--',
]

/** A question as git is asked it. */
export const askingOf = (inquiry: Inquiry): Asking => {
  switch (inquiry.kind) {
    case 'refs':
      return { words: refWords(inquiry), input: '' }
    case 'history':
      return { words: historyWords(inquiry), input: '' }
    case 'objects':
      return { words: ['cat-file', '--batch'], input: linesOf(inquiry) }
    case 'object-lines':
      return { words: ['cat-file', '--batch-check'], input: linesOf(inquiry) }
    case 'blob':
      return { words: ['cat-file', 'blob', checked(inquiry.id)], input: '' }
    case 'entry':
      return { words: ['ls-tree', '-z', '-l', '--', checked(inquiry.commit), inquiry.path], input: '' }
    case 'tree':
      return { words: ['ls-tree', '-z', ...(inquiry.recursive ? ['-r', '-t'] : []), '--', checked(inquiry.id)], input: '' }
    case 'stats':
      return { words: statWords, input: statLines(inquiry) }
    case 'diff':
      return { words: diffWords(inquiry), input: '' }
    case 'merge-base':
      return { words: ['merge-base', '--', ...inquiry.ids.map(checked)], input: '' }
  }
}
