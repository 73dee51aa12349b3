// The element by its attributes, methods and events. Of a package manager this import would be
// `import "@streamspace/viewer"`.

import "../dist/viewer.js";

const viewer = document.querySelector("streamspace-viewer");
const form = document.querySelector("form");
const output = document.querySelector("output");

form.elements.session.value = new URLSearchParams(location.search).get("session") ?? "";
form.addEventListener("submit", (event) => {
  event.preventDefault();
  const session = encodeURIComponent(form.elements.session.value);
  viewer.setAttribute("src", `/api/v1/sessions/${session}`);
});

viewer.addEventListener("streamspace-state", ({ detail }) => {
  output.textContent = [detail.state, detail.reason].filter(Boolean).join(": ");
});
viewer.addEventListener("streamspace-frame", ({ detail }) => {
  output.textContent = `A picture came by ${detail.path}.`;
});
viewer.addEventListener("streamspace-error", ({ detail }) => {
  output.textContent = `It ended: ${detail.reason} (${detail.code ?? "no code"})`;
});

document.querySelector("#greet").addEventListener("click", () => viewer.sendText("hello"));
document.querySelector("#leave").addEventListener("click", () => viewer.disconnect());
