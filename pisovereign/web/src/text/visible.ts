/**
 * Texts in which nothing hides: what changes the order of letters, has no width, or looks like a space of another
 * kind is replaced by a name that can be read, `⟨U+202E⟩`. Line ends and tabs stay.
 */

// Controls, formats (bidi among them), private use, unassigned and half pairs; then letters without ink.
const HIDDEN = /[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Cs}\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/gu;
const LINE = new Set(["\n", "\t"]);
// French has them before "!" and "?", and they keep a number and its unit together.
const SINGLE_BLANKS = new Set(["\u00a0", "\u202f", "\u2009"]);
const LONG_BLANK = / {8,}/g;

/** Return a text with everything in it made visible; blanks of eight and more are counted: `⟨12 ␣⟩`. */
export function visible(text: string): string {
  return revealed(text).replace(LONG_BLANK, (blanks) => `⟨${blanks.length} ␣⟩`);
}

/** The same where a row of blanks hides nothing, since the text is shown as it is laid out: in code. */
export function revealed(text: string): string {
  return text.replace(HIDDEN, (found, at: number) => (isHarmless(text, found, at) ? found : name(found)));
}

const LONGEST_LINE = 160;

/** Return the beginning of a text, made visible, where all of it stands elsewhere; `…` says that it goes on. */
export function shortLine(text: string): string {
  const shown = visible(text);
  return shown.length > LONGEST_LINE ? `${shown.slice(0, LONGEST_LINE)}…` : shown;
}

function name(found: string): string {
  return `⟨U+${(found.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}⟩`;
}

function isHarmless(text: string, found: string, at: number): boolean {
  if (LINE.has(found)) return true;
  if (SINGLE_BLANKS.has(found)) return /\S/.test(text[at - 1] ?? "") && /\S/.test(text[at + 1] ?? "");
  // What asks for the colored form of an emoji, and what joins two of them.
  if (found !== "\u200d") return false;
  return /\p{Extended_Pictographic}[\ufe0f\u{1f3fb}-\u{1f3ff}]?$/u.test(text.slice(Math.max(0, at - 4), at)) &&
    /^\p{Extended_Pictographic}/u.test(text.slice(at + 1, at + 3));
}
