/** Where a value's scan stopped. */
export type ScanStop = 'more' | 'closed' | 'comma' | 'error'

// Bytes are compared as literals: this loop is as fast as the splitter can be.
const [value, open, comma, colon] = [0, 1, 2, 3]

const maxDepth = 1_000
/** Deeper than records are: more is made where it is needed, since each small file has a scanner or two. */
const usualDepth = 63

/**
 * Finds the end of a JSON object or array in bytes that come in chunks. It is strict where that tells a broken record
 * from a whole one (brackets that match, a separator before each value, no line end in a string), and leaves the rest
 * of JSON's grammar to the engine.
 */
export class JsonScanner {
  /** Where in the chunk the last scan stopped. */
  at = 0
  #depth = 0
  #previous = value
  #inString = false
  #escaped = false
  #stopAtComma = false
  #brackets = new Uint8Array(usualDepth + 1)

  /** Begins inside a container of which everything up to here was read, ending as `after` says. */
  begin(container: number, after: 'open' | 'string' | 'colon' | 'in-string', stopAtComma = false): void {
    this.#depth = 1
    this.#brackets[1] = container
    this.#inString = after === 'in-string'
    this.#previous = after === 'open' ? open : after === 'colon' ? colon : value
    this.#escaped = false
    this.#stopAtComma = stopAtComma
  }

  /**
   * Scans on from a place in a chunk. `closed`: `at` is after the bracket that closes the container; `comma`: at the
   * comma that ends the value in it; `error`: at the first byte that cannot stand there.
   */
  scan(bytes: Uint8Array, start: number): ScanStop {
    const end = bytes.length
    let brackets = this.#brackets
    let index = start
    let depth = this.#depth
    let previous = this.#previous
    let inString = this.#inString
    let stop: ScanStop = 'more'
    if (this.#escaped && index < end) {
      this.#escaped = false
      index += 1
    }
    scanning: while (index < end) {
      if (inString) {
        let byte = bytes[index] ?? 0
        while (byte !== 34 && byte !== 10) {
          index += byte === 92 ? 2 : 1
          if (index >= end) break scanning
          byte = bytes[index] ?? 0
        }
        if (byte === 10) {
          stop = 'error'
          break
        }
        inString = false
        previous = value
        index += 1
        continue
      }
      const byte = bytes[index] ?? 0
      if (byte === 34) {
        if (previous === value) {
          stop = 'error'
          break
        }
        inString = true
      } else if (byte === 58) previous = colon
      else if (byte === 44) {
        if (depth === 1 && this.#stopAtComma) {
          stop = 'comma'
          break
        }
        previous = comma
      } else if (byte === 123 || byte === 91) {
        const isMisplaced = previous === value || (previous !== colon && brackets[depth] === 123)
        if (isMisplaced || depth === maxDepth) {
          stop = 'error'
          break
        }
        depth += 1
        if (depth === brackets.length) brackets = this.#deepened()
        brackets[depth] = byte
        previous = open
      } else if (byte === 125 || byte === 93) {
        if (byte - (brackets[depth] ?? 0) !== 2) {
          stop = 'error'
          break
        }
        depth -= 1
        previous = value
        if (depth === 0) {
          index += 1
          stop = 'closed'
          break
        }
      } else if (!isSpace(byte)) previous = value
      index += 1
    }
    if (index > end) {
      this.#escaped = true
      index = end
    }
    this.at = index
    this.#depth = depth
    this.#previous = previous
    this.#inString = inString
    return stop
  }

  #deepened(): Uint8Array<ArrayBuffer> {
    const brackets = new Uint8Array(maxDepth + 1)
    brackets.set(this.#brackets)
    this.#brackets = brackets
    return brackets
  }
}

export function isSpace(byte: number): boolean {
  return byte === 32 || byte === 10 || byte === 13 || byte === 9
}

/** JSON text on one line: between values a line end is a space like any other. */
export function onOneLine(json: Uint8Array): Uint8Array {
  if (!json.includes(10)) return json
  const line = Buffer.from(json)
  for (let at = line.indexOf(10); at !== -1; at = line.indexOf(10, at + 1)) line[at] = 32
  return line
}
