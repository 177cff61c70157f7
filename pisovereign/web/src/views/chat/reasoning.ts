/** Some models write what they think before they answer; it is not the answer. */

const OPENING = /^\s*<think(?:ing)?>/;
const CLOSING = /<\/think(?:ing)?>/;

/** Return what a model thought at the beginning of a text, and its answer. */
export function splitReasoning(text: string): { reasoning: string; answer: string } {
  const opened = OPENING.exec(text);
  if (!opened) return { reasoning: "", answer: text };
  const rest = text.slice(opened[0].length);
  const closed = CLOSING.exec(rest);
  if (!closed) return { reasoning: rest.trim(), answer: "" };
  return { reasoning: rest.slice(0, closed.index).trim(), answer: rest.slice(closed.index + closed[0].length).trimStart() };
}
