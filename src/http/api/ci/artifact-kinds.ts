/** Which kinds of files a job may leave, each with its form (gitlab `Ci::JobArtifact`, `TYPE_AND_FORMAT_PAIRS`). */
export const artifactFormats = {
  archive: 'zip',
  metadata: 'gzip',
  junit: 'gzip',
  metrics: 'gzip',
  metrics_referee: 'gzip',
  network_referee: 'gzip',
  dotenv: 'gzip',
  cobertura: 'gzip',
  jacoco: 'gzip',
  cluster_applications: 'gzip',
  lsif: 'zip',
  sast: 'raw',
  secret_detection: 'raw',
  dependency_scanning: 'raw',
  container_scanning: 'raw',
  cluster_image_scanning: 'raw',
  dast: 'raw',
  license_scanning: 'raw',
  performance: 'raw',
  browser_performance: 'raw',
  load_performance: 'raw',
  terraform: 'raw',
  requirements: 'raw',
  requirements_v2: 'raw',
  coverage_fuzzing: 'raw',
  api_fuzzing: 'raw',
  cyclonedx: 'gzip',
  annotations: 'gzip',
  repository_xray: 'gzip',
  codequality: 'raw',
  accessibility: 'raw',
} as const satisfies Readonly<Record<string, 'raw' | 'zip' | 'gzip'>>

export type ArtifactType = keyof typeof artifactFormats

export const artifactTypes = Object.keys(artifactFormats) as ArtifactType[]
