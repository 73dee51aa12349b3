// When the machine has got another network.

/** https://wicg.github.io/netinfo/; Chromium on phones and Chromebooks tells the type. */
interface NetworkInformation extends EventTarget {
  type?: string;
}

/** Calls `changed` when the machine comes online, or goes from one kind of network to another. */
export function onNetworkChange(changed: () => void, signal: AbortSignal): void {
  window.addEventListener("online", changed, { signal });
  const { connection } = navigator as Navigator & { connection?: NetworkInformation };
  let type = connection?.type;
  // It also tells of each new estimate of speed, which says nothing about the path.
  const compare = () => {
    const before = type;
    type = connection?.type;
    if (type !== before && type !== "none") changed();
  };
  connection?.addEventListener("change", compare, { signal });
}
