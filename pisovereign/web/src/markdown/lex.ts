/** Reads Markdown into tokens: GitHub's form with tables, and math between dollars or backslashed brackets. */

import { Marked, type Token, type TokenizerAndRendererExtension, type Tokens } from "marked";

export type { Token, Tokens } from "marked";

export interface MathToken {
  type: "math";
  raw: string;
  text: string;
  display: boolean;
}

/** What is nested more deeply is shown as it was written. */
export const DEEPEST = 12;
const BLOCK = /^(?:\$\$([^$]+?)\$\$|\\\[([^]+?)\\\])(?=\s*(?:\n|$))/;
const INLINE = /^(?:\$\$([^$\n]+?)\$\$|\\\(([^\n]+?)\\\)|\$(?![\s\d.,]*\s)((?:[^$\\\n]|\\.)+?)(?<!\s)\$(?!\d))/;

const displayed: TokenizerAndRendererExtension = {
  name: "math",
  level: "block",
  start: (text) => text.match(/\$\$|\\\[/)?.index,
  tokenizer(text) {
    const found = BLOCK.exec(text);
    return found ? { type: "math", raw: found[0], text: (found[1] ?? found[2] ?? "").trim(), display: true } : undefined;
  },
};

const inline: TokenizerAndRendererExtension = {
  name: "inlineMath",
  level: "inline",
  start: (text) => text.match(/\$|\\\(/)?.index,
  tokenizer(text) {
    const found = INLINE.exec(text);
    if (!found) return undefined;
    const display = found[1] !== undefined;
    return { type: "math", raw: found[0], text: (found[1] ?? found[2] ?? found[3] ?? "").trim(), display };
  },
};

const reader = new Marked({ gfm: true, extensions: [displayed, inline] });

/** Return the blocks of a text; what is nested too deeply to be read is one paragraph of plain text. */
export function lex(text: string): Token[] {
  try {
    return [...reader.lexer(text)];
  } catch (error) {
    if (error instanceof RangeError) return [plain(text)];
    throw error;
  }
}

function plain(text: string): Tokens.Text {
  return { type: "text", raw: text, text, escaped: false };
}
