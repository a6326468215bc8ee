/** A condition in KQL, its parts kept apart so that the cheap ones can be asked first. */
export type Test =
  | { readonly kind: 'text'; readonly text: string; readonly isLate: boolean }
  | { readonly kind: 'and' | 'or'; readonly parts: readonly Test[] }
  | { readonly kind: 'not'; readonly part: Test }

/** Whether a test needs columns that only the expansion of lists gives. */
export function isLate(test: Test): boolean {
  if (test.kind === 'text') return test.isLate
  return test.kind === 'not' ? isLate(test.part) : test.parts.some((part) => isLate(part))
}

/** Tests that must all hold. */
export function conjuncts(test: Test): readonly Test[] {
  return test.kind === 'and' ? test.parts.flatMap((part) => conjuncts(part)) : [test]
}

export function printTest(test: Test): string {
  switch (test.kind) {
    case 'text':
      return test.text
    case 'not':
      return `not(${printTest(test.part)})`
    default:
      return balanced(
        test.kind,
        test.parts.map((part) => printTest(part)),
      )
  }
}

/** Long chains as a tree of brackets: their depth grows with the logarithm of their length. */
export function balanced(operator: 'and' | 'or', texts: readonly string[]): string {
  const [first = operator === 'and' ? 'true' : 'false'] = texts
  if (texts.length <= 1) return first
  if (texts.length <= 8) return `(${texts.join(` ${operator} `)})`
  const middle = Math.ceil(texts.length / 2)
  return `(${balanced(operator, texts.slice(0, middle))} ${operator} ${balanced(operator, texts.slice(middle))})`
}
