/** A table of Markdown; a wide one is scrolled by itself, not the page. */

import { t } from "../text/t";
import { Inline } from "./Inline";
import type { Tokens } from "./lex";

export function TableBlock({ table, depth }: { table: Tokens.Table; depth: number }) {
  const align = (cell: Tokens.TableCell) => (cell.align ? `align-${cell.align}` : undefined);
  return (
    <div class="table-frame" tabIndex={0} role="region" aria-label={t("markdown.table")}>
      <table>
        <thead>
          <tr>
            {table.header.map((cell, at) => (
              <th key={at} class={align(cell)} scope="col"><Inline tokens={cell.tokens} depth={depth} /></th>
            ))}
          </tr>
        </thead>
        <tbody>
          {table.rows.map((row, number) => (
            <tr key={number}>
              {row.map((cell, at) => <td key={at} class={align(cell)}><Inline tokens={cell.tokens} depth={depth} /></td>)}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
