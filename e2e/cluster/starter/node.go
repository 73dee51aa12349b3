package main

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"
)

const nodeReadyWithin = 120 * time.Second

// beginWithNode starts all of a cluster in namespaces of its own: their first process takes everything
// along when it ends, pods, mounts and network devices alike. To the machine leads a cable.
func beginWithNode(state State, children *Children) error {
	for _, hidden := range hiddenFolders {
		if strings.HasPrefix(string(state)+"/", hidden+"/") {
			return fmt.Errorf("%s cannot be in %s, of which the node has one of its own", state, hidden)
		}
	}
	number, err := freeNodeNetwork()
	if err != nil {
		return err
	}
	network := nodeNetwork(number)
	plane := ControlPlane{LevelNode, state, network, children}
	if err := plane.writeKeys(); err != nil {
		return err
	}
	if err := makeControlGroups(state); err != nil {
		return err
	}
	if err := startInside(children, number); err != nil {
		return err
	}
	server, err := newServer(state, network.server())
	if err != nil {
		return err
	}
	return children.until("the node", nodeReadyWithin, server.nodeIsReady)
}

func startInside(children *Children, number byte) error {
	command := exec.Command("/proc/self/exe", "inside", "--state", string(children.state), "--network", strconv.Itoa(int(number)))
	command.Args[0] = "streamspace-cluster"
	command.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags: syscall.CLONE_NEWPID | syscall.CLONE_NEWNS | syscall.CLONE_NEWNET,
	}
	if err := children.keepCommand("inside", command); err != nil {
		return err
	}
	return connect(children, command.Process.Pid, number)
}

// The cable's end in the node's network namespace.
const uplink = "uplink"

// connect lays a cable between the machine and the process' network. It goes with either end.
func connect(children *Children, pid int, number byte) error {
	network := nodeNetwork(number)
	device := fmt.Sprintf("streamspace%d", number)
	return children.runAll("ip", []string{
		fmt.Sprintf("link add %s type veth peer name %s netns %d", device, uplink, pid),
		fmt.Sprintf("address add %s/24 dev %s", network.gateway, device),
		fmt.Sprintf("link set %s up", device),
		fmt.Sprintf("route add %s via %s", network.pods, network.address),
		fmt.Sprintf("route add %s via %s", network.services, network.address),
	})
}

// runAll runs a program with each line of arguments.
func (children *Children) runAll(program string, lines []string) error {
	for _, line := range lines {
		if err := children.run(program, strings.Fields(line)...); err != nil {
			return err
		}
	}
	return nil
}

// inside is the first process of the node's namespaces.
func inside(options options) error {
	state := State(options.state)
	children := newChildren(state)
	network := nodeNetwork(byte(options.network))
	if err := mountAll(state); err != nil {
		return err
	}
	if err := joinNetwork(children, network); err != nil {
		return err
	}
	plane := ControlPlane{LevelNode, state, network, children}
	if err := plane.start(); err != nil {
		return err
	}
	node := Node{state, network, children}
	if err := node.start(); err != nil {
		return err
	}
	return <-children.Over
}

func joinNetwork(children *Children, network Network) error {
	err := children.until("the cable to the machine", nodeReadyWithin, func() bool {
		_, err := net.InterfaceByName(uplink)
		return err == nil
	})
	if err != nil {
		return err
	}
	if err := children.runAll("ip", []string{
		"link set lo up",
		fmt.Sprintf("address add %s/24 dev %s", network.address, uplink),
		fmt.Sprintf("link set %s up", uplink),
	}); err != nil {
		return err
	}
	return os.WriteFile("/proc/sys/net/ipv4/ip_forward", []byte("1"), 0)
}
