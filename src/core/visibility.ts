export const visibilities = ['private', 'internal', 'public'] as const
export type Visibility = (typeof visibilities)[number]

/** A project feature's own setting, narrower than the project's visibility: everyone who sees it, members only, off. */
export const featureLevels = ['enabled', 'private', 'disabled'] as const
export type FeatureLevel = (typeof featureLevels)[number]

const rank: Record<Visibility, number> = { private: 0, internal: 1, public: 2 }

/** Whether something of visibility `inner` may stand inside a namespace of visibility `outer` (GitLab: never wider). */
export const fitsInside = (inner: Visibility, outer: Visibility): boolean => rank[inner] <= rank[outer]
