/**
 * Reads a text that grows: only its last blocks are read again.
 *
 * A block that has two others after it changes no more, whatever comes; only a definition of a link's target could,
 * and that is read when the text is whole.
 */

import { lex, type Token } from "./lex";

const OPEN = 2;

export class GrowingText {
  private settled: Token[] = [];
  private settledLength = 0;
  private text = "";

  /** Return the blocks of the text, which usually begins with that of the last call. */
  read(text: string): Token[] {
    if (!text.startsWith(this.text)) {
      this.settled = [];
      this.settledLength = 0;
    }
    this.text = text;
    const open = lex(text.slice(this.settledLength));
    const done = open.slice(0, this.boundary(open));
    this.settled = [...this.settled, ...done];
    this.settledLength += done.reduce((length, token) => length + token.raw.length, 0);
    return [...this.settled, ...open.slice(done.length)];
  }

  // Where the last blocks begin; the blank lines between two blocks are tokens, too.
  private boundary(tokens: readonly Token[]): number {
    let seen = 0;
    for (let at = tokens.length - 1; at >= 0; at -= 1) {
      if (tokens[at]?.type === "space") continue;
      seen += 1;
      if (seen > OPEN) return at + 1;
    }
    return 0;
  }
}
