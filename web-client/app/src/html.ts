// Builds elements.

export type Child = Node | string;

export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  properties: Partial<HTMLElementTagNameMap[K]>,
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const created = Object.assign(document.createElement(tag), properties);
  created.append(...children);
  return created;
}

/** A button that is disabled while its work is under way. */
export function actionButton(
  className: string,
  label: string,
  run: () => Promise<void>,
): HTMLButtonElement {
  const button = element("button", { type: "button", className }, label);
  button.onclick = async () => {
    button.disabled = true;
    await run().finally(() => (button.disabled = false));
  };
  return button;
}
