import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openAsker, type Asker } from '../../../test/ask.ts'

let asker: Asker

beforeAll(async () => {
  asker = await openAsker({ tables: [] })
})

afterAll(async () => {
  await asker[Symbol.asyncDispose]()
})

/** Places all over the sphere, on each face of the cube. */
const places =
  'range n from 0 to 59 step 1 | extend longitude = (n * 127 % 359) - 179.0 + n / 977.0, latitude = (n * 53 % 179) - 89.0 + n / 991.0'

describe('the S2 cell of a place', () => {
  test('of the finest level has its middle there', async () => {
    const query = `${places} | extend middle = geo_s2cell_to_central_point(geo_point_to_s2cell(longitude, latitude, 30)).coordinates
      | extend away = geo_distance_2points(longitude, latitude, todouble(middle[0]), todouble(middle[1]))
      | summarize count(), countif(isnull(away) or away > 0.02)`
    expect(await asker.ask(query)).toEqual([[60, 0]])
  })

  test('has the place between its corners', async () => {
    const query = `${places} | where abs(latitude) < 60 | extend ring = geo_s2cell_to_polygon(geo_point_to_s2cell(longitude, latitude, 16)).coordinates[0]
      | mv-apply corner = ring to typeof(dynamic) on (summarize corners = count(), furthest = max(geo_distance_2points(longitude, latitude, todouble(corner[0]), todouble(corner[1]))))
      | summarize countif(corners != 5 or furthest > 250)`
    expect(await asker.ask(query)).toEqual([[0]])
  })

  test('is none where there is no place, level or token', async () => {
    const query =
      'print geo_point_to_s2cell(181, 0, 5), geo_point_to_s2cell(0, 0, 31), geo_s2cell_to_central_point("z"), geo_s2cell_to_polygon("f"), geo_s2cell_neighbors("")'
    expect(await asker.ask(query)).toEqual([['', '', null, null, null]])
  })
})

describe('cells around a cell', () => {
  test('are as near to it as it is wide, and have it among theirs', async () => {
    const query =
      'print cell = geo_point_to_s2cell(8.5, 47.4, 12) | extend near = geo_s2cell_neighbors(cell) | mv-expand near to typeof(string) | summarize count(), countif(tostring(geo_s2cell_neighbors(near)) has cell) by cell | project-away cell'
    expect(await asker.ask(query)).toEqual([[8, 8]])
  })

  test('at the edge of a face stop the query', async () => {
    await expect(asker.ask('print geo_s2cell_neighbors("1")')).rejects.toThrow(/edge of a face/)
  })

  test('of geohashes go around the earth, and stop at a pole', async () => {
    const query =
      'print hash = geo_point_to_geohash(179.99, 10, 4) | extend east = tostring(geo_geohash_neighbors(hash)[5]) | project array_index_of(geo_geohash_neighbors(east), hash)'
    expect(await asker.ask(query)).toEqual([[0]])
    await expect(asker.ask('print geo_geohash_neighbors(geo_point_to_geohash(0, 89.99, 4))')).rejects.toThrow(
      /pole/,
    )
  })
})
