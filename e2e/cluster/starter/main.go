// Starts and stops a real Kubernetes on this machine, for tests and for looking around.
//
//	person or test ── up ──▶ supervise ──▶ etcd, kube-apiserver ...           levels api and nodes
//	                 pipe        │
//	                             └──▶ inside ──▶ the same, containerd, kubelet   level node
//	                                  (process, mount and network namespaces of its own)
//
// `up` starts the supervisor and tells when the cluster can be used. The supervisor outlives it, so that
// it can put everything away even if `up` is killed. If the supervisor is killed itself, the kernel ends
// what it has started; folders that are left then go with the next `down`.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
)

const usage = `usage: cluster COMMAND [OPTIONS]
  up      starts a cluster, and prints the path of its kubeconfig when it can be used
            --level api|nodes|node  api: etcd and kube-apiserver (as it is if nothing is said);
                                    nodes: and scheduler and controllers, for Node objects without a machine;
                                    node: and a node that runs pods (needs root)
            --until-stdin-closes    stays, and ends the cluster with its standard input or itself
  down    ends it
  import  puts an image onto the node: ARCHIVE (OCI or docker), or FOLDER NAME for one with these files
  kubectl ARGUMENTS   talks to it
All take --state FOLDER: where the cluster keeps everything. It goes with the cluster.
KUBECONFIG takes the place of a cluster of ours, KUBEBUILDER_ASSETS that of etcd and kube-apiserver (level api).
`

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "cluster:", err)
		os.Exit(1)
	}
}

func run(arguments []string) error {
	if len(arguments) == 0 {
		return errors.New(usage)
	}
	options, err := parse(arguments[1:])
	if err != nil {
		return err
	}
	switch arguments[0] {
	case "up":
		return up(options)
	case "down":
		return down(options.state)
	case "import":
		return importImage(options)
	case "kubectl":
		return kubectl(options)
	case "supervise":
		return supervise(options)
	case "inside":
		return inside(options)
	case "pause":
		return pause()
	}
	return fmt.Errorf("there is no command %q\n%s", arguments[0], usage)
}

// Level says how much of a cluster there is; each has what those before it have.
type Level string

const (
	LevelAPI   Level = "api"
	LevelNodes Level = "nodes"
	LevelNode  Level = "node"
)

type options struct {
	level            Level
	state            string
	untilStdinCloses bool
	// Which network a node is given (`inside` only).
	network uint
	rest    []string
}

func parse(arguments []string) (options, error) {
	var options options
	flags := flag.NewFlagSet("cluster", flag.ContinueOnError)
	flags.Usage = func() { fmt.Fprint(os.Stderr, usage) }
	level := flags.String("level", string(LevelAPI), "")
	flags.StringVar(&options.state, "state", "", "")
	flags.BoolVar(&options.untilStdinCloses, "until-stdin-closes", false, "")
	flags.UintVar(&options.network, "network", 0, "")
	if err := flags.Parse(arguments); err != nil {
		return options, err
	}
	options.rest = flags.Args()
	options.level = Level(*level)
	switch options.level {
	case LevelAPI, LevelNodes, LevelNode:
	default:
		return options, fmt.Errorf("there is no level %q: api, nodes and node are", *level)
	}
	if options.state == "" && !options.untilStdinCloses {
		options.state = usualState()
	}
	if options.state == "" {
		return options, nil
	}
	var err error
	options.state, err = filepath.Abs(options.state)
	return options, err
}

// Where the one cluster is that a person starts and stops by hand.
func usualState() string {
	base := os.Getenv("XDG_STATE_HOME")
	if base == "" {
		base = filepath.Join(os.Getenv("HOME"), ".local/state")
	}
	return filepath.Join(base, "streamspace/cluster")
}
