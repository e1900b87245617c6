/** Settings that notice when somebody reads what was made up. */
import { isWithin, type Path } from "./cures.ts";

export interface Watched<T> {
  readonly settings: T;
  /** Whether anything of these places was read, or what depends on whether they are there. */
  readonly isTouched: () => boolean;
}

export function watched<T extends object>(settings: T, places: readonly Path[]): Watched<T> {
  let touched = false;
  const isAt = (path: Path) => places.some((place) => isWithin(path, place));
  const isParent = (path: Path) => places.some((place) => place.length === path.length + 1 && isWithin(place, path));
  const watch = <O extends object>(object: O, path: Path): O =>
    new Proxy(object, {
      get(target, key) {
        const value: unknown = Reflect.get(target, key);
        if (typeof key === "symbol") return value;
        const at = [...path, Array.isArray(target) && /^\d+$/.test(key) ? Number(key) : key];
        if (isAt(at) || (key === "length" && isParent(path))) touched = true;
        return typeof value === "object" && value !== null ? watch(value, at) : value;
      },
      has(target, key) {
        if (isAt([...path, String(key)])) touched = true;
        return Reflect.has(target, key);
      },
      ownKeys(target) {
        if (isParent(path)) touched = true;
        return Reflect.ownKeys(target);
      },
    });
  return { settings: watch(settings, []), isTouched: () => touched };
}
