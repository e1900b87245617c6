import { inside, network, nodeName, outsideNamespace } from "./network.ts";

/** A name that programs in the node's namespaces find. */
export interface Host {
  readonly name: string;
  readonly address: string;
  /** Whether the cluster's DNS knows it too. @default false: pods do not find it */
  readonly inPods?: boolean;
}

/** Kernel settings that the kubelet demands. They are the machine's: it is shown values of its own, and changes nothing. */
const kernelSettings = {
  "vm/overcommit_memory": 1,
  "vm/panic_on_oom": 0,
  "kernel/panic": 10,
  "kernel/panic_on_oops": 1,
  "kernel/keys/root_maxkeys": 1_000_000,
  "kernel/keys/root_maxbytes": 25_000_000,
};

/**
 * A shell script that furnishes new namespaces: run in them once.
 *
 * @param folder the node's own
 * @param packages the tree of packages that is laid over the machine's programs
 */
export function setUpScript(folder: string, packages: string, hosts: readonly Host[]): string {
  const [client, ...furtherClients] = network.outside;
  const outside = `ip -netns ${outsideNamespace}`;
  return [
    // Reached from there once /run is empty, even if it lies below it.
    `cd '${folder}'`,
    `echo ${nodeName} > /proc/sys/kernel/hostname`,
    "mount -t tmpfs -o mode=755 tmpfs /run",
    `mkdir -p ${inside} /run/lock /run/overlay /run/settings`,
    `mount --bind . ${inside}`,
    // What is written there is gone with the node.
    ...["etc", "var"].flatMap((name) => [
      `mkdir /run/overlay/${name} /run/overlay/${name}-work`,
      `mount -t overlay -o lowerdir=/${name},upperdir=/run/overlay/${name},workdir=/run/overlay/${name}-work overlay /${name}`,
    ]),
    `mount -t overlay -o lowerdir=${packages}/usr:/usr overlay /usr`,
    ...Object.entries(kernelSettings).flatMap(([name, value]) => {
      const file = `/run/settings/${name.replaceAll("/", "-")}`;
      return [`echo ${value} > ${file}`, `mount --bind ${file} /proc/sys/${name}`];
    }),
    "rm -f /etc/hosts /etc/resolv.conf",
    // No name server: beside these names there are none.
    ": > /etc/resolv.conf",
    ...[{ name: "localhost", address: "127.0.0.1" }, { name: nodeName, address: network.node }, ...hosts].map(
      ({ name, address }) => `echo '${address} ${name}' >> /etc/hosts`,
    ),
    // Mounts that the kubelet makes have to reach into running pods.
    "mount --make-rshared /",
    "ip link set lo up",
    `ip netns add ${outsideNamespace}`,
    `ip link add uplink type veth peer name uplink netns ${outsideNamespace}`,
    `ip addr add ${network.node}/${network.nodePrefix} dev uplink`,
    "ip link set uplink up",
    `${outside} link set lo up`,
    ...[client, ...furtherClients].map((address) => `${outside} addr add ${address}/${network.nodePrefix} dev uplink`),
    `${outside} link set uplink up`,
    `${outside} route add default via ${network.node}`,
    `ip route add default via ${client}`,
    "echo 1 > /proc/sys/net/ipv4/ip_forward",
    "echo 1 > /proc/sys/net/bridge/bridge-nf-call-iptables",
  ].join("\n");
}
