/** Where what is in a home stands in a backup. Unpacked by hand, it is a home. */
export const places = {
  heading: 'sallyport-backup.json',
  database: 'sallyport.db',
  activity: 'sallyport-activity.db',
  contents: 'contents.json',
} as const

export const keyPlace = (name: string): string => `keys/${name}`

const folderOf = (number: number): string => (number % 256).toString(16).padStart(2, '0')

/** The folder of a repository, as `Repositories` has it in a home. */
export const repositoryPlace = (id: number): string => `repos/${folderOf(id)}/${id}.git`

/** The place of a log or an artifact, as `JobFiles` has it in a home. */
export const jobPlace = (job: number, name: string): string => `jobs/${folderOf(job)}/${name}`

/** Files of a repository: no hooks, no `alternates`, nothing that git would run or follow. */
const inRepository = [
  'HEAD',
  'config',
  'packed-refs',
  'objects/[0-9a-f]{2}/[0-9a-f]{38,62}',
  'objects/pack/pack-[0-9a-f]{40,64}\\.(?:pack|idx|rev|mtimes|bitmap)',
  'objects/pack/multi-pack-index(?:-[0-9a-f]{40,64}\\.(?:bitmap|rev))?',
  'objects/info/commit-graphs/(?:commit-graph-chain|graph-[0-9a-f]{40,64}\\.graph)',
].join('|')

/** What may stand in a backup, and the part to which it belongs. No name begins with a dot, so none leads out of the home. */
const forms: readonly (readonly [RegExp, (found: RegExpExecArray) => string | undefined])[] = [
  [/^sallyport\.db$/, () => 'database'],
  [/^sallyport-activity\.db$/, () => 'activity'],
  [/^keys\/[A-Za-z0-9_][A-Za-z0-9_.-]{0,80}$/, () => 'keys'],
  [/^jobs\/[0-9a-f]{2}\/\d{1,15}\.(?:log|artifact-\d{1,15})$/, () => 'jobs'],
  [
    new RegExp(`^(repos/[0-9a-f]{2}/([1-9]\\d{0,14})\\.git)/(?:${inRepository})$`),
    ([, folder, id]) => (folder === repositoryPlace(Number(id)) ? `repository ${id}` : undefined),
  ],
]

/** The part to which a file belongs; undefined for what stands in no backup of ours. */
export const partOf = (path: string): string | undefined => {
  for (const [form, name] of forms) {
    const found = form.exec(path)
    if (found !== null) return name(found)
  }
  return undefined
}

/** Whether a file in `keys/` can stand in a backup. */
export const isKeyName = (name: string): boolean => partOf(keyPlace(name)) === 'keys'

/** In a home: what a restore has unpacked so far. A server does not start while it is there. */
export const unfinishedRestore = 'restoring'
