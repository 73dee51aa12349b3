package main

import (
	"embed"
	"os"
	"path/filepath"
	"text/template"
	"time"
)

//go:embed configuration
var configuration embed.FS

// Node is a node that runs pods, seen from inside its namespaces.
type Node struct {
	state    State
	network  Network
	children *Children
}

const containerdReadyWithin = 60 * time.Second

func (node *Node) start() error {
	files := map[string]string{
		"containerd.toml": "containerd.toml",
		"cni.json":        "cni/pods.conflist",
		"kubelet.yaml":    "kubelet.yaml",
		"kube-proxy.yaml": "kube-proxy.yaml",
	}
	for source, target := range files {
		if err := node.configure(source, node.state.path(target)); err != nil {
			return err
		}
	}
	if err := node.startContainerd(); err != nil {
		return err
	}
	if err := node.children.keep(node.state.program("kube-proxy"), "--config="+node.state.path("kube-proxy.yaml")); err != nil {
		return err
	}
	return node.children.keep(node.state.program("kubelet"),
		"--config="+node.state.path("kubelet.yaml"),
		"--kubeconfig="+node.state.path("kubelet.kubeconfig"),
		"--hostname-override="+nodeName,
		"--node-ip="+node.network.address.String(),
	)
}

// configure fills in what is known only now.
func (node *Node) configure(source, target string) error {
	parsed, err := template.ParseFS(configuration, "configuration/"+source)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(target), 0o700); err != nil {
		return err
	}
	file, err := os.Create(target)
	if err != nil {
		return err
	}
	defer file.Close()
	return parsed.Execute(file, map[string]any{
		"State":        string(node.state),
		"Node":         nodeName,
		"ControlGroup": controlGroup(node.state),
		"Network":      map[string]string{"Address": node.network.address.String(), "Pods": node.network.pods},
	})
}

func (node *Node) startContainerd() error {
	err := node.children.keep("/usr/bin/containerd", "--config", node.state.path("containerd.toml"))
	if err != nil {
		return err
	}
	err = node.children.until("containerd", containerdReadyWithin, func() bool {
		return node.children.run("/usr/bin/ctr", "--address", node.state.containerdSocket(), "version") == nil
	})
	if err != nil {
		return err
	}
	return node.importPause()
}

// importPause makes the image of the container that holds a pod's namespaces: this very program.
func (node *Node) importPause() error {
	folder := node.state.path("pause")
	if err := os.Mkdir(folder, 0o755); err != nil {
		return err
	}
	program, err := os.ReadFile("/proc/self/exe")
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(folder, "pause"), program, 0o755); err != nil {
		return err
	}
	archive := node.state.path("pause.tar")
	image := Image{name: "localhost/pause:1", folder: folder, entrypoint: []string{"/pause", "pause"}}
	if err := image.writeArchive(archive); err != nil {
		return err
	}
	return node.children.run("/usr/bin/ctr", importArguments(node.state, archive)...)
}

func importArguments(state State, archive string) []string {
	return []string{"--address", state.containerdSocket(), "--namespace", "k8s.io", "images", "import", archive}
}
