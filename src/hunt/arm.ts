type Fields = Readonly<Record<string, unknown>>

const mostDepth = 10

/**
 * The rules in an ARM template, in an answer of the REST API or in an array of either, with the keys of YAML; undefined
 * where the value is none of these.
 */
export function armRules(value: unknown): readonly unknown[] | undefined {
  if (Array.isArray(value)) return value.flatMap((item) => armRules(item) ?? [item])
  if (!isFields(value) || typeof value['query'] === 'string') return undefined
  if (isResource(value)) return [ruleOf(value)]
  const isTemplate = Array.isArray(value['resources']) || Array.isArray(value['value'])
  return isTemplate ? [...rulesBelow(value, 0)] : undefined
}

function* rulesBelow(value: Fields, depth: number): Generator {
  if (depth > mostDepth) return
  if (isResource(value)) yield ruleOf(value)
  for (const inner of [value['resources'], value['value']]) {
    if (Array.isArray(inner)) for (const item of inner) if (isFields(item)) yield* rulesBelow(item, depth + 1)
  }
  const properties = value['properties']
  for (const key of ['template', 'mainTemplate']) {
    const template = isFields(properties) ? properties[key] : undefined
    if (isFields(template)) yield* rulesBelow(template, depth + 1)
  }
}

/** Alert rules, their templates and saved searches: what has a query in its properties. */
function isResource({ properties }: Fields): boolean {
  return isFields(properties) && typeof properties['query'] === 'string'
}

function ruleOf(resource: Fields): unknown {
  const properties = isFields(resource['properties']) ? resource['properties'] : {}
  const ids = [resource['id'], resource['name'], properties['alertRuleTemplateName']]
  const id = ids.find((item) => typeof item === 'string' && /[0-9a-f]{8}-[0-9a-f]{4}-/i.test(item))
  const tags = savedTags(properties['tags'])
  return {
    ...properties,
    ...(id === undefined ? {} : { id }),
    name: properties['displayName'] ?? resource['name'],
    kind: resource['kind'],
    description: properties['description'] ?? tags.get('description')?.[0],
    tactics: properties['tactics'] ?? tags.get('tactics'),
    relevantTechniques: [
      ...listOf(properties['techniques']),
      ...listOf(properties['subTechniques']),
      ...(tags.get('techniques') ?? []),
    ],
    tags: [],
  }
}

/** Saved searches keep what hunting queries say in tags: `{name: tactics, value: "A,B"}`. */
function savedTags(tags: unknown): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, readonly string[]>()
  for (const tag of listOf(tags)) {
    if (!isFields(tag) || typeof tag['name'] !== 'string' || typeof tag['value'] !== 'string') continue
    const isList = tag['name'] !== 'description'
    found.set(tag['name'], isList ? tag['value'].split(',').map((item) => item.trim()) : [tag['value']])
  }
  return found
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
