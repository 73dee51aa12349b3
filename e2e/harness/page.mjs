// The viewer on its page, as a person finds it.

export const viewerOf = (page) => page.locator("streamspace-viewer");

/** A button of the viewer, in sight or not, by its whole name. */
export const button = (page, name) => viewerOf(page).getByRole("button", { name, exact: true });
