import {
  and,
  array,
  bound,
  call,
  integer,
  lambda,
  or,
  text,
  when,
  type SqlExpression,
} from '../../sql/node.ts'
import { unless } from './pattern.ts'

/**
 * Cells of S2: each of the six faces of a cube around the sphere is divided in four again and again, thirty times; a
 * cell's number is its face and its way along a Hilbert curve, and its token that number in hexadecimal digits
 * without the zeros at its end.
 */
const deepest = 30

/** For each orientation of the curve, the quarter (2 bits: i, j) at each position, the inverse, and what turns it. */
const quarterAt = [
  [0, 1, 3, 2],
  [0, 2, 3, 1],
  [3, 2, 0, 1],
  [3, 1, 0, 2],
]
const positionOf = [
  [0, 1, 3, 2],
  [0, 3, 1, 2],
  [2, 3, 1, 0],
  [2, 1, 3, 0],
]
const turnAt = [1, 0, 0, 3]

function table(
  rows: readonly (readonly number[])[],
  row: SqlExpression,
  index: SqlExpression,
): SqlExpression {
  const flat = array(rows.flat().map((value) => integer(value)))
  return call('arrayElement', flat, call('plus', call('plus', call('multiply', row, 4), index), 1))
}

function whole(value: SqlExpression | number | bigint): SqlExpression {
  return call('toUInt64', value)
}

function part(tuple: SqlExpression, index: number): SqlExpression {
  return call('tupleElement', tuple, index)
}

function negated(value: SqlExpression): SqlExpression {
  return call('negate', value)
}

function over(left: SqlExpression, right: SqlExpression): SqlExpression {
  return call('divide', left, right)
}

/** The face of a direction, and where on it: u and v from -1 to 1. */
function faceOf(x: SqlExpression, y: SqlExpression, z: SqlExpression): SqlExpression {
  const [a, b, c] = [call('abs', x), call('abs', y), call('abs', z)]
  const isX = and(call('greater', a, b), call('greater', a, c))
  const isY = and(call('lessOrEquals', a, b), call('greater', b, c))
  const onFace = (face: number, u: SqlExpression, v: SqlExpression): SqlExpression =>
    call('tuple', whole(face), u, v)
  return call(
    'multiIf',
    and(isX, call('greaterOrEquals', x, 0)),
    onFace(0, over(y, x), over(z, x)),
    isX,
    onFace(3, over(z, x), over(y, x)),
    and(isY, call('greaterOrEquals', y, 0)),
    onFace(1, negated(over(x, y)), over(z, y)),
    isY,
    onFace(4, over(z, y), negated(over(x, y))),
    call('greaterOrEquals', z, 0),
    onFace(2, negated(over(x, z)), negated(over(y, z))),
    onFace(5, negated(over(y, z)), negated(over(x, z))),
  )
}

/** S2's quadratic projection, so that cells of one level differ less in size; as a row or column of the finest grid. */
function gridPlace(u: SqlExpression): SqlExpression {
  const root = (value: SqlExpression): SqlExpression =>
    call('multiply', 0.5, call('sqrt', call('plus', 1, call('multiply', 3, value))))
  const share = when(call('greaterOrEquals', u, 0), root(u), call('minus', 1, root(negated(u))))
  const place = call('floor', call('multiply', share, 2 ** deepest))
  return whole(call('least', call('greatest', place, 0), 2 ** deepest - 1))
}

function bitAt(value: SqlExpression, shift: SqlExpression): SqlExpression {
  return call('bitAnd', call('bitShiftRight', value, shift), 1)
}

/** The number of the cell at a place of a face's grid, at a level. */
function cellAt(
  face: SqlExpression,
  i: SqlExpression,
  j: SqlExpression,
  level: SqlExpression,
): SqlExpression {
  const step = lambda(['s', 'k'], (state, depth) => {
    const shift = call('minus', deepest - 1, depth)
    const quarter = call('plus', call('multiply', bitAt(i, shift), 2), bitAt(j, shift))
    return bound(table(positionOf, part(state, 2), quarter), (position) =>
      call(
        'tuple',
        whole(call('plus', call('multiply', part(state, 1), 4), position)),
        whole(
          call(
            'bitXor',
            part(state, 2),
            call('arrayElement', array(turnAt.map((turn) => integer(turn))), call('plus', position, 1)),
          ),
        ),
      ),
    )
  })
  const start = call('tuple', whole(0), whole(call('bitAnd', face, 1)))
  const way = part(call('arrayFold', step, call('range', level), start), 1)
  const rest = call('multiply', 2, call('minus', deepest, level))
  return call(
    'plus',
    call('bitShiftLeft', whole(face), 61),
    call('plus', call('bitShiftLeft', way, call('plus', rest, 1)), call('bitShiftLeft', whole(1), rest)),
  )
}

export function tokenOf(cell: SqlExpression): SqlExpression {
  return call('lower', call('replaceRegexpOne', call('leftPad', call('hex', cell), 16, '0'), '0+$', ''))
}

/** The token of the cell that has a place, in degrees, at a level from 0 to 30. */
export function tokenAt(
  longitude: SqlExpression,
  latitude: SqlExpression,
  level: SqlExpression,
): SqlExpression {
  const [phi, theta] = [call('radians', latitude), call('radians', longitude)]
  const x = call('multiply', call('cos', phi), call('cos', theta))
  const y = call('multiply', call('cos', phi), call('sin', theta))
  return bound(call('tuple', x, y, call('sin', phi)), (direction) =>
    bound(faceOf(part(direction, 1), part(direction, 2), part(direction, 3)), (place) =>
      bound(gridPlace(part(place, 2)), (i) =>
        bound(gridPlace(part(place, 3)), (j) => tokenOf(cellAt(part(place, 1), i, j, level))),
      ),
    ),
  )
}

/** A cell as its face, its row and column among the cells of its level, and its level. */
export interface GridCell {
  readonly face: SqlExpression
  readonly i: SqlExpression
  readonly j: SqlExpression
  readonly level: SqlExpression
}

/** What a token's cell becomes, or the otherwise where the text is no token. */
export function ofToken(
  source: SqlExpression,
  otherwise: SqlExpression,
  make: (cell: GridCell) => SqlExpression,
): SqlExpression {
  return bound(source, (token) => {
    const isText = call('match', token, '^[0-9a-fA-F]{1,16}$')
    const digits = call('rightPad', when(isText, token, text('1')), 16, '0')
    const number = call('reinterpretAsUInt64', call('reverse', call('unhex', digits)))
    return bound(number, (cell) => {
      const lowest = call('bitAnd', cell, call('plus', call('bitNot', cell), whole(1)))
      const isCell = and(
        isText,
        call('less', call('bitShiftRight', cell, 61), 6),
        call('notEquals', call('bitAnd', lowest, whole(0x1555_5555_5555_5555n)), 0),
      )
      const level = call(
        'minus',
        deepest,
        call('intDiv', call('bitCount', call('minus', lowest, whole(1))), 2),
      )
      const known = bound(level, (depth) =>
        bound(unfolded(cell, depth), (grid) =>
          make({ face: call('bitShiftRight', cell, 61), i: part(grid, 1), j: part(grid, 2), level: depth }),
        ),
      )
      return when(isCell, known, otherwise)
    })
  })
}

function unfolded(cell: SqlExpression, level: SqlExpression): SqlExpression {
  const step = lambda(['s', 'k'], (state, depth) => {
    const position = call(
      'bitAnd',
      call('bitShiftRight', cell, call('minus', 59, call('multiply', 2, depth))),
      3,
    )
    return bound(position, (at) =>
      bound(table(quarterAt, part(state, 3), at), (quarter) =>
        call(
          'tuple',
          whole(call('plus', call('multiply', part(state, 1), 2), call('intDiv', quarter, 2))),
          whole(call('plus', call('multiply', part(state, 2), 2), call('modulo', quarter, 2))),
          whole(
            call(
              'bitXor',
              part(state, 3),
              call('arrayElement', array(turnAt.map((turn) => integer(turn))), call('plus', at, 1)),
            ),
          ),
        ),
      ),
    )
  })
  const start = call('tuple', whole(0), whole(0), whole(call('bitAnd', call('bitShiftRight', cell, 61), 1)))
  return call('arrayFold', step, call('range', call('greatest', level, 0)), start)
}

/** The place, in degrees, at a share of a cell's width and height: longitude and latitude. */
export function placeIn(
  { face, i, j, level }: GridCell,
  right: SqlExpression,
  up: SqlExpression,
): SqlExpression {
  const size = call('exp2', level)
  const share = (index: SqlExpression, within: SqlExpression): SqlExpression =>
    over(call('plus', index, within), size)
  const projected = (value: SqlExpression): SqlExpression =>
    bound(value, (s) => {
      const square = (root: SqlExpression): SqlExpression => call('multiply', 4, call('multiply', root, root))
      const far = call('minus', square(s), 1)
      const near = call('minus', 1, square(call('minus', 1, s)))
      return call('divide', when(call('greaterOrEquals', s, 0.5), far, near), 3)
    })
  const place = call('tuple', projected(share(i, right)), projected(share(j, up)))
  return bound(place, (uv) => {
    const [u, v, one] = [part(uv, 1), part(uv, 2), call('toFloat64', 1)]
    const direction = call(
      'multiIf',
      call('equals', face, 0),
      call('tuple', one, u, v),
      call('equals', face, 1),
      call('tuple', negated(u), one, v),
      call('equals', face, 2),
      call('tuple', negated(u), negated(v), one),
      call('equals', face, 3),
      call('tuple', negated(one), negated(v), negated(u)),
      call('equals', face, 4),
      call('tuple', v, negated(one), negated(u)),
      call('tuple', v, u, negated(one)),
    )
    return bound(direction, (at) => {
      const [x, y, z] = [part(at, 1), part(at, 2), part(at, 3)]
      const flat = call('sqrt', call('plus', call('multiply', x, x), call('multiply', y, y)))
      return call('tuple', call('degrees', call('atan2', y, x)), call('degrees', call('atan2', z, flat)))
    })
  })
}

/** The tokens of the eight cells around one; at the edge of a face the query stops. */
export function neighbourTokens({ face, i, j, level }: GridCell, name: string): SqlExpression {
  const last = call('minus', call('exp2', level), 1)
  const isEdge = or(...[i, j].flatMap((index) => [call('equals', index, 0), call('equals', index, last)]))
  const full = (index: SqlExpression, step: SqlExpression): SqlExpression =>
    call('bitShiftLeft', whole(call('plus', index, step)), call('minus', deepest, level))
  const steps = [
    [1, 1],
    [1, 0],
    [-1, 0],
    [0, -1],
    [-1, 1],
    [1, -1],
    [0, 1],
    [-1, -1],
  ] as const
  const token = lambda(['s'], (step) =>
    bound(full(i, part(step, 1)), (right) =>
      bound(full(j, part(step, 2)), (up) => tokenOf(cellAt(face, right, up, level))),
    ),
  )
  const around = array(steps.map(([right, up]) => call('tuple', right, up)))
  const tokens = call('arrayMap', token, around)
  return unless(isEdge, `${name}: a cell at the edge of a face of the cube`, tokens, array([text('')]))
}
