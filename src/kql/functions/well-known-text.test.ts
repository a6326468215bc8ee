import { expect, test } from 'vitest'
import { createCompiler } from '../compile.ts'

const compiler = await createCompiler({ tables: [] })

/** The literal in the SQL of a call, or why it is refused. */
async function converted(source: string): Promise<string> {
  const compilation = await compiler.compile(`print g = geo_from_wkt("${source}")`)
  if (!compilation.ok) return compilation.diagnostics.map(({ code }) => code).join()
  return /'([^']*)' AS `g`/.exec(compilation.sql.text)?.[1] ?? compilation.sql.text
}

test.each([
  ['POINT (1 -2.5)', '{"type":"Point","coordinates":[1.0,-2.5]}'],
  ['POINT(1e1 2)', '{"type":"Point","coordinates":[10.0,2.0]}'],
  ['MULTIPOINT (1 1, 2 2)', '{"type":"MultiPoint","coordinates":[[1.0,1.0],[2.0,2.0]]}'],
  ['MULTIPOINT ((1 1), (2 2))', '{"type":"MultiPoint","coordinates":[[1.0,1.0],[2.0,2.0]]}'],
  [
    'POLYGON ((0 0, 2 0, 2 2, 0 0), (1 1, 1 2, 2 1, 1 1))',
    '{"type":"Polygon","coordinates":[[[0.0,0.0],[2.0,0.0],[2.0,2.0],[0.0,0.0]],[[1.0,1.0],[1.0,2.0],[2.0,1.0],[1.0,1.0]]]}',
  ],
  [
    'GEOMETRYCOLLECTION (POINT (1 1), MULTIPOLYGON (((0 0, 1 0, 1 1, 0 0))))',
    '{"type":"GeometryCollection","geometries":[{"type":"Point","coordinates":[1.0,1.0]},{"type":"MultiPolygon","coordinates":[[[[0.0,0.0],[1.0,0.0],[1.0,1.0],[0.0,0.0]]]]}]}',
  ],
  ['LINESTRING', ''],
  ['LINESTRING (1 2, 3)', ''],
  ['LINESTRING ((1 2, 3 4)', ''],
  ['POINT (1 2) POINT (3 4)', ''],
  ['CIRCLE (1 2, 3)', ''],
  ['POINT EMPTY', 'unsupported-argument'],
  ['POINT Z (1 2 3)', 'unsupported-argument'],
  ['POINT (200 1)', 'unsupported-argument'],
])('%s', async (source, expected) => {
  expect(await converted(source)).toBe(expected)
})

test('a text from the rows is refused', async () => {
  const compilation = await compiler.compile('datatable(w: string)["POINT (1 2)"] | project geo_from_wkt(w)')
  expect(compilation.diagnostics).toMatchObject([{ code: 'not-constant' }])
})
