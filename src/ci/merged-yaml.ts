import { Document, Pair, Scalar, YAMLMap, YAMLSeq } from 'yaml'
import { isList, isMapping, type Mapping, type Value } from './value.ts'

const nodeOf = (value: Value): YAMLMap | YAMLSeq | Scalar => {
  if (isMapping(value)) {
    const map = new YAMLMap()
    map.items = [...value].map(([key, item]) => new Pair(new Scalar(key), nodeOf(item)))
    return map
  }
  if (!isList(value)) return new Scalar(value)
  const list = new YAMLSeq()
  list.items = value.map(nodeOf)
  return list
}

/** A configuration as text, with nothing left in it that names something else. */
export const mergedYaml = (merged: Mapping): string => {
  const document = new Document(null, { version: '1.1' })
  document.contents = nodeOf(merged)
  return `---\n${document.toString({ lineWidth: 0 }).replace(/^%YAML 1\.1\n---\n/, '')}`
}
