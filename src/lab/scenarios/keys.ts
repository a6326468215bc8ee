import type { AnswerBook } from '../answers.ts'
import type { AccountKey, StorageAccount } from '../tenant.ts'

/** Notes a key that the intruder has, for those who look for it by its fingerprint. */
export function noteKey(book: AnswerBook, account: StorageAccount, { slot, secret, hash }: AccountKey): void {
  book.credentials.push({ account: account.name, kind: 'key', slot, secret, hash })
}
