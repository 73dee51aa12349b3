// A server behind a NAT: three network namespaces, and no way from one to the others but this.
//
//   outside (browser, STUN server) ──── router ──── inside (StreamSpace)
//            10.214.N.1       10.214.N.2 │ 10.215.N.1          10.215.N.2
//                                        └─ replaces 10.215.N.2 by 10.214.N.2, and lets
//                                           nobody in but to the page's port

import { spawnSync } from "node:child_process";
import { atExit, temporaryFolder } from "../../benches/lib/cleanup.mjs";
import { browserIn, inNamespace, ip } from "./namespace.mjs";

/** Address translation from inside to outside, and the page's port from outside to inside. */
const rules = (inside, port) => `
  table ip streamspace {
    chain arriving {
      type nat hook prerouting priority dstnat;
      iifname "outer" tcp dport ${port} dnat to ${inside}
    }
    chain leaving {
      type nat hook postrouting priority srcnat;
      oifname "outer" masquerade
    }
    # What nobody has asked for is dropped without being remembered, as home routers do: it would
    # otherwise take the port that an answer from inside is to leave from.
    chain unasked {
      type filter hook input priority filter; policy drop;
    }
    chain passing {
      type filter hook forward priority filter; policy drop;
      iifname "inner" accept
      ct state established,related accept
      ct status dnat accept
    }
  }`;

/** Loads the rules; fails where the kernel or the tools do not know them. */
export const translate = (router, inside, port) => inNamespace(router, "nft", rules(inside, port));

/**
 * Makes the three; what is inside is reached from outside at `publicAddress` and `port` alone.
 * `close` is for when nothing runs in them any more.
 */
export async function openNat(port) {
  const name = (part) => `streamspace-${part}${process.pid}`;
  const [outside, router, inside] = ["outside", "router", "inside"].map(name);
  const [outer, inner] = [214, 215].map((second) => `10.${second}.${process.pid % 256}`);
  const folder = await temporaryFolder();
  const undo = [folder.remove];
  for (const namespace of [outside, router, inside]) {
    await ip("netns", "add", namespace);
    undo.push(atExit(() => spawnSync("ip", ["netns", "delete", namespace])));
    await ip("-n", namespace, "link", "set", "lo", "up");
  }
  await connect({ namespace: outside, address: `${outer}.1` }, { namespace: router, device: "outer", address: `${outer}.2` });
  await connect({ namespace: inside, address: `${inner}.2` }, { namespace: router, device: "inner", address: `${inner}.1` });
  await ip("-n", inside, "route", "add", "default", "via", `${inner}.1`);
  await inNamespace(router, "sh", "-c", "echo 1 >/proc/sys/net/ipv4/ip_forward");
  await translate(router, `${inner}.2`, port);
  return {
    outside,
    inside,
    outsideAddress: `${outer}.1`,
    publicAddress: `${outer}.2`,
    insideAddress: `${inner}.2`,
    browserProgram: await browserIn(outside, folder.path),
    close: () => undo.forEach((action) => action()),
  };
}

/** A cable between two namespaces. */
async function connect(one, other) {
  const [near, far] = [one.device ?? "uplink", other.device];
  await ip("link", "add", near, "netns", one.namespace, "type", "veth", "peer", "name", far, "netns", other.namespace);
  for (const [device, { namespace, address }] of [[near, one], [far, other]]) {
    await ip("-n", namespace, "address", "add", `${address}/24`, "dev", device);
    await ip("-n", namespace, "link", "set", device, "up");
  }
}
