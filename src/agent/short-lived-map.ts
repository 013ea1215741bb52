/**
 * A Map for what comes and goes all the time. When the engine's own Map makes room, the table it leaves behind goes on
 * pointing to the next one and to its entries; once such a table has grown old, all that ever was in the Map outlives
 * every quick collection, under load some megabytes of messages a second. Here the old tables lead to empty places.
 */
export class ShortLivedMap<K, V extends object> {
  /** Made when it is first wanted: of many thousand devices most have no call. */
  #places: Map<K, { value: V | undefined }> | undefined

  get size(): number {
    return this.#places?.size ?? 0
  }

  get(key: K): V | undefined {
    return this.#places?.get(key)?.value
  }

  set(key: K, value: V): void {
    this.#places ??= new Map()
    const place = this.#places.get(key)
    if (place === undefined) this.#places.set(key, { value })
    else place.value = value
  }

  delete(key: K): void {
    const place = this.#places?.get(key)
    if (place !== undefined) {
      place.value = undefined
      this.#places?.delete(key)
    }
  }

  /** As they are now: what the loop adds or takes away does not matter to it. */
  entries(): [K, V][] {
    return [...(this.#places ?? [])].flatMap(([key, { value }]): [K, V][] =>
      value === undefined ? [] : [[key, value]],
    )
  }
}
