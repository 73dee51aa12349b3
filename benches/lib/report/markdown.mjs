// Small pieces of Markdown.

export const MISSING = "–";

/** A number with this many decimals; a dash for none. */
export const number = (value, decimals = 0) =>
  typeof value === "number" && Number.isFinite(value) ? value.toFixed(decimals) : MISSING;

export const pair = (one, other, decimals = 0) => `${number(one, decimals)} / ${number(other, decimals)}`;

/** A table; its first column is text, the others are numbers. */
export function table(head, rows) {
  const line = (cells) => `| ${cells.join(" | ")} |`;
  return [line(head), line(["---", ...head.slice(1).map(() => "---:")]), ...rows.map(line)].join("\n");
}
