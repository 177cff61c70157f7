/**
 * Texts in which nothing hides: what changes the order of letters, has no width, or looks like a space of another
 * kind is replaced by a name that can be read, `⟨U+202E⟩`. Line ends and tabs stay.
 */

// Controls, formats (bidi among them), private use, unassigned and half pairs; then letters without ink.
const HIDDEN = /[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Cs}\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/gu;
const HARMLESS = new Set(["\n", "\t", "\u200d", "\ufe0f"]);
const LONG_BLANK = / {8,}/g;

/** Return a text with everything in it made visible; blanks of eight and more are counted: `⟨12 ␣⟩`. */
export function visible(text: string): string {
  return text
    .replace(HIDDEN, (found, at: number) => (isHarmless(text, found, at) ? found : name(found)))
    .replace(LONG_BLANK, (blanks) => `⟨${blanks.length} ␣⟩`);
}

function name(found: string): string {
  return `⟨U+${(found.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}⟩`;
}

// A joiner belongs to an emoji only between two of them.
function isHarmless(text: string, found: string, at: number): boolean {
  if (found !== "\u200d") return HARMLESS.has(found);
  return /\p{Extended_Pictographic}\ufe0f?$/u.test(text.slice(Math.max(0, at - 4), at)) &&
    /^\p{Extended_Pictographic}/u.test(text.slice(at + 1, at + 3));
}
