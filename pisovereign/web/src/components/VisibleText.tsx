/**
 * Text from elsewhere, in which nothing hides: what could is written out and marked. A long one shows its beginning
 * and its end, says how much is between, and opens.
 */

import { useState } from "preact/hooks";
import { number } from "../text/format";
import { t } from "../text/t";
import { visible } from "../text/visible";
import { Button } from "./Button";

interface Props {
  text: string;
  /** Characters and lines that are shown without opening it. */
  most?: number;
  mostLines?: number;
  /** Written as a machine does, with all of its blanks. */
  code?: boolean;
}

const MARK = /(⟨[^⟩]{1,12}⟩)/u;

export function VisibleText({ text, most = 600, mostLines = 12, code = false }: Props) {
  const [open, setOpen] = useState(false);
  const shown = visible(text);
  const lines = shown.split("\n");
  const long = shown.length > most || lines.length > mostLines;
  const kind = `visible-text ${code ? "code" : ""}`;
  if (!long) return <div class={kind}><Marked text={shown} /></div>;
  const [start, end] = ends(shown, lines, most, mostLines);
  const between = shown.length - start.length - end.length;
  return (
    <div class={kind}>
      {open ? (
        // Somebody who uses the keyboard alone scrolls in it, too.
        <div class="visible-whole" tabIndex={0} role="group" aria-label={t("text.whole")}><Marked text={shown} /></div>
      ) : (
        <>
          <Marked text={start} />
          <p class="visible-gap">{t("text.between", { count: number(between) })}</p>
          <Marked text={end} />
        </>
      )}
      <Button small kind="quiet" expanded={open} onClick={() => setOpen(!open)}>
        {open ? t("text.less") : t("text.all", { count: number(text.length), lines: number(lines.length) })}
      </Button>
    </div>
  );
}

function ends(text: string, lines: string[], most: number, mostLines: number): [string, string] {
  if (lines.length > mostLines) {
    const start = lines.slice(0, mostLines - 4).join("\n").slice(0, most);
    const end = lines.slice(-3).join("\n").slice(-Math.ceil(most / 3));
    return [start, end];
  }
  return [text.slice(0, Math.ceil((most * 2) / 3)), text.slice(-Math.floor(most / 3))];
}

function Marked({ text }: { text: string }) {
  return (
    <>
      {text.split(MARK).map((part, at) => (at % 2 === 1 ? <mark key={at} class="hidden-mark">{part}</mark> : part))}
    </>
  );
}
