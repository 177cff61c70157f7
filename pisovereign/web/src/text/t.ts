/**
 * What the page says: the texts of one language, from `languages/<code>/page.toml`.
 *
 * `t("memories.search")` returns a text; `{name}` in it is replaced by the value of that name. A text whose key
 * another one has with `_one` at its end has that form for the count 1.
 */

import { signal } from "@preact/signals";

interface Offered {
  name: string;
  texts: string;
}

type Texts = Record<string, Record<string, string>>;
export type Values = Record<string, string | number>;

const STORED_LANGUAGE = "pisovereign-language";
const OTHERWISE = "en";
const offered = readOffered();

/** The code of the language that is shown. */
export const language = signal(OTHERWISE);
const texts = signal<Texts>({});

function readOffered(): Record<string, Offered> {
  const meta = document.querySelector<HTMLMetaElement>('meta[name="languages"]');
  return JSON.parse(meta?.content ?? "{}") as Record<string, Offered>;
}

/** The codes and names of all languages there are, for a choice. */
export function languages(): { code: string; name: string }[] {
  return Object.entries(offered).map(([code, { name }]) => ({ code, name }));
}

/** Load the texts of the language that was chosen here before, or else of the one the browser asked for. */
export async function startTexts(): Promise<void> {
  const chosen = readStored();
  const asked = document.documentElement.lang;
  await load(chosen && chosen in offered ? chosen : asked);
}

/** Show another language, and remember it in this browser. */
export async function setLanguage(code: string): Promise<void> {
  await load(code);
  try {
    localStorage.setItem(STORED_LANGUAGE, code);
  } catch {
    // A browser that keeps nothing asks again next time.
  }
}

function readStored(): string | null {
  try {
    return localStorage.getItem(STORED_LANGUAGE);
  } catch {
    return null;
  }
}

async function load(code: string): Promise<void> {
  const from = offered[code];
  if (!from) throw new Error(`There are no texts in ${code}`);
  const response = await fetch(from.texts, { credentials: "omit" });
  if (!response.ok) throw new Error(`${from.texts}: ${response.status}`);
  texts.value = (await response.json()) as Texts;
  language.value = code;
  document.documentElement.lang = code;
}

/** Return the text of a key such as `"memories.search"`; a key without one is shown as it is. */
export function t(key: string, values: Values = {}): string {
  const text = find(values.count === 1 ? `${key}_one` : key) ?? find(key);
  if (text === undefined) return key;
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

/** Return whether there is a text of this key. */
export function hasText(key: string): boolean {
  return find(key) !== undefined;
}

function find(key: string): string | undefined {
  const [table = "", name = ""] = key.split(/\.(.*)/s);
  return texts.value[table]?.[name];
}
