import { Reading } from './reading.ts'
import { isList, isMapping, type Mapping, type Value } from './value.ts'

type Entry = Readonly<Record<string, unknown>>

const imageKeys: ReadonlySet<string> = new Set(['name', 'entrypoint', 'ports', 'docker', 'kubernetes', 'pull_policy'])
const serviceKeys: ReadonlySet<string> = new Set([...imageKeys, 'alias', 'command', 'variables'])

const options = (reading: Reading): Entry => {
  const docker = reading.mapping('docker')
  return docker === undefined
    ? {}
    : { executor_opts: { docker: Object.fromEntries(['platform', 'user'].map((key) => [key, docker.text(key)])) } }
}

const named = (reading: Reading): Entry => {
  const name = reading.text('name')
  if (name === undefined || name === '') reading.wrong('name', 'should be a string')
  const [entrypoint, policy] = [reading.textOrTexts('entrypoint'), reading.textOrTexts('pull_policy')]
  return {
    name,
    ...(entrypoint && { entrypoint }),
    ...(policy && { pull_policy: policy }),
    ...options(reading),
  }
}

const asReading = (value: Value, place: string, parent: Reading): Reading | undefined => {
  const mapping: Mapping | undefined = isMapping(value)
    ? value
    : typeof value === 'string'
      ? new Map([['name', value]])
      : undefined
  return mapping && new Reading(mapping, place, parent.findings)
}

export const readImage = (parent: Reading): Entry | undefined => {
  const value = parent.get('image')
  if (value === undefined) return undefined
  const reading = asReading(value, `${parent.place}:image`, parent)
  return reading ? named(reading.only(imageKeys)) : parent.wrongEntry('image', 'should be a hash or a string')
}

const service = (reading: Reading): Entry => {
  const [alias, command, variables] = [reading.text('alias'), reading.textOrTexts('command'), reading.mapping('variables')]
  return {
    ...named(reading.only(serviceKeys)),
    ...(alias && { alias }),
    ...(command && { command }),
    ...(variables && { variables: variables.keys.map((key) => ({ key, value: variables.text(key) ?? '' })) }),
  }
}

export const readServices = (parent: Reading): readonly Entry[] | undefined => {
  const value = parent.get('services')
  if (value === undefined) return undefined
  if (!isList(value)) return parent.wrongEntry('services', 'should be a array')
  const readings = value.map((item, index) => asReading(item, `${parent.place}:services:service[${index}]`, parent))
  const known = readings.filter((reading) => reading !== undefined)
  return known.length === readings.length
    ? known.map(service)
    : parent.wrongEntry('services:service', 'should be a hash or a string')
}
